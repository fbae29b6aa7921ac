// One conversation, as the phone shows it. At most 80 bubbles are in the document; scrolling brings the others.
import { $, chip, clock, el, fill, flag, nameOf, phoneText, timeTag } from "./dom.js";
import { copyButton } from "./copy.js";
import { entriesOf } from "./entries.js";
import { goBack, onPaint, open, openEntry } from "./window.js";
import { replyForm } from "./actions.js";

const FIRST = 30;
const MOST = 80;
const STEP = 30;
const NEAR = 300;
const view = { number: undefined, size: FIRST, end: 0, follows: true, made: new Map() };

function bubble(entry) {
  const why = entry.why && !entry.refusal.endsWith(entry.why) ? el("small", {}, entry.why) : "";
  const text = entry.text ? phoneText(entry.text) : [entry.refusal || "Not processed", why];
  const label = `${entry.reply ? "Reply" : "Message"}: ${entry.text || entry.refusal || "not processed"}`;
  return el("button", { type: "button", class: "bubble", "aria-label": label, onclick: () => openEntry(entry) }, text);
}

function said(entry) {
  const meta = [timeTag(entry.time, clock(entry.time)), entry.interface && el("span", {}, entry.interface)];
  if (!entry.reply) meta.push(chip(entry.state));
  if (entry.segments > 1) meta.push(el("span", {}, `${entry.segments} segments`));
  if (entry.unanswered) meta.push(el("span", { class: "chip", "data-state": "failed" }, "Push not acknowledged"));
  if (entry.code)
    meta.push(copyButton(`Copy ${entry.code}`, entry.code, entry.code, { class: "button small code-copy num" }));
  const own = entry.reply ? "said own" : "said";
  return el("li", { class: own, "data-state": entry.state }, bubble(entry), el("div", { class: "meta" }, meta));
}

function updateTalk(list, entries) {
  const shown = entries.slice(Math.max(0, view.end - view.size), view.end);
  const wanted = new Set(shown.map((entry) => entry.id));
  for (const [id, made] of view.made) {
    if (wanted.has(id)) continue;
    made.item.remove();
    view.made.delete(id);
  }
  let before = null;
  for (const entry of shown.reverse()) {
    let made = view.made.get(entry.id);
    if (made?.entry !== entry) {
      const had = made?.item.contains(document.activeElement) && document.activeElement.className;
      const item = said(entry);
      made?.item.replaceWith(item);
      view.made.set(entry.id, (made = { entry, item }));
      if (had) item.getElementsByClassName(had)[0]?.focus({ preventScroll: true });
    }
    if (made.item.parentNode !== list || made.item.nextSibling !== before) list.insertBefore(made.item, before);
    flag(made.item, "aria-current", entry.id === open.id, "true");
    before = made.item;
  }
}

function shift(offset, entries) {
  const list = $("talk");
  const size = offset < 0 ? Math.min(MOST, view.size - offset) : view.size;
  // The list grows upwards first; once it is full, what was added at one end leaves at the other.
  const moved = size === view.size ? view.end + offset : view.end;
  const end = Math.max(Math.min(size, entries.length), Math.min(entries.length, moved));
  if (end === view.end && size === view.size) return;
  const anchor = [...list.children].find((item) => item.offsetTop + item.offsetHeight > $("talk-scroll").scrollTop);
  const before = anchor?.offsetTop ?? 0;
  view.end = end;
  view.size = size;
  updateTalk(list, entries);
  if (anchor?.isConnected) $("talk-scroll").scrollTop += anchor.offsetTop - before;
}

function onScroll() {
  const { scrollTop, scrollHeight, clientHeight } = $("talk-scroll");
  const entries = entriesOf(view.number);
  view.follows = view.end === entries.length && scrollTop + clientHeight > scrollHeight - 40;
  if (scrollTop < NEAR) shift(-STEP, entries);
  else if (scrollTop + clientHeight > scrollHeight - NEAR) shift(STEP, entries);
}

function nothing() {
  const keys = [
    el("kbd", {}, "j"),
    el("kbd", {}, "k"),
    " move between conversations, ",
    el("kbd", {}, "?"),
    " lists all keys",
  ];
  return el("div", { class: "nothing" }, el("p", {}, "Choose a conversation"), el("p", {}, keys));
}

function openView(entries) {
  view.number = open.number;
  view.size = FIRST;
  view.end = entries.length;
  view.follows = true;
  view.made.clear();
  const scroller = el("div", { class: "scroll", id: "talk-scroll" }, el("ol", { class: "talk", id: "talk" }));
  scroller.addEventListener("scroll", onScroll, { passive: true });
  const back = el("button", { type: "button", class: "back", onclick: goBack }, "‹ Back");
  const copy = open.number
    ? copyButton("Copy", open.number, open.number, { class: "button small", "aria-label": `Copy ${open.number}` })
    : null;
  const head = el("div", { class: "head" }, back, el("h2", { class: "num" }, nameOf(open.number)), copy);
  const composer = open.number ? el("div", { class: "composer" }, replyForm(open.number, entries)) : null;
  fill($("thread-pane"), head, scroller, composer);
}

function paintThread() {
  if (open.number === null) {
    if (view.number !== null) fill($("thread-pane"), nothing());
    view.number = null;
    return;
  }
  const entries = entriesOf(open.number);
  if (view.number !== open.number) openView(entries);
  if (view.follows) view.end = entries.length;
  view.end = Math.min(view.end, entries.length);
  updateTalk($("talk"), entries);
  if (view.follows) $("talk-scroll").scrollTop = $("talk-scroll").scrollHeight;
}

export function startThread() {
  onPaint(paintThread);
}
