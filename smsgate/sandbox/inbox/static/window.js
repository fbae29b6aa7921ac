// What is open, and the frame in which it is drawn: one drawing a frame, however many changes there are.
import { $ } from "./dom.js";
import { entriesOf, store } from "./entries.js";

export const open = { number: null, id: null, single: location.pathname.startsWith("/m/") };
const painters = [];
let asked = false;

export const onPaint = (painter) => painters.push(painter);

function paintNow() {
  asked = false;
  for (const painter of painters) painter();
}

export function paint() {
  if (asked) return;
  asked = true;
  // A hidden tab draws no frames, but its title counts what is unread.
  if (document.hidden) setTimeout(paintNow, 100);
  else requestAnimationFrame(paintNow);
}

export function markRead() {
  if (document.hidden || open.number === null) return;
  for (const entry of entriesOf(open.number)) store.unread.delete(entry.id);
}

function show(view, focus) {
  document.body.dataset.view = view;
  paint();
  if (focus) requestAnimationFrame(() => $(focus).focus());
}

export function openTalk(number, { focus = true } = {}) {
  if (open.number !== number) open.id = null;
  open.number = number;
  markRead();
  show("thread", focus ? "thread-pane" : null);
}

export function openEntry(entry) {
  open.number = entry.number;
  open.id = entry.id;
  markRead();
  show("detail", "detail-pane");
}

export function goBack() {
  const view = document.body.dataset.view;
  if (open.single || view === "list") return false;
  if (view === "detail") {
    open.id = null;
    show("thread", "thread-pane");
  } else {
    open.number = null;
    show("list");
    requestAnimationFrame(() => ($("list").querySelector("button") || $("search")).focus());
  }
  return true;
}
