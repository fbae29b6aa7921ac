// The list of conversations. Only the rows that can be seen are in the document.
import { $, chip, el, fill, flag, nameOf, timeTag, when } from "./dom.js";
import { isFiltered, isUnread, shownTalks, store } from "./entries.js";
import { onPaint, open, openTalk } from "./window.js";

const HEIGHT = 76;
const BEYOND = 6;
const rows = new Map();
let talks = [];

function makeRow(number) {
  const parts = {
    who: el("span", { class: "who num" }, nameOf(number)),
    when: el("span", { class: "when" }),
    what: el("span", { class: "what" }),
    state: el("span", {}),
  };
  const button = el("button", { type: "button", class: "row", onclick: () => openTalk(number) });
  button.append(el("span", {}, parts.who, parts.when), el("span", {}, parts.what, parts.state));
  return { item: el("li", {}, button), button, ...parts, shown: null };
}

function updateRow(row, talk, index) {
  const { last } = talk;
  const unread = isUnread(talk.number);
  row.item.style.transform = `translateY(${index * HEIGHT}px)`;
  row.item.setAttribute("aria-posinset", index + 1);
  row.item.setAttribute("aria-setsize", talks.length);
  flag(row.button, "data-unread", unread);
  flag(row.button, "aria-current", talk.number === open.number, "true");
  if (row.shown === last) return;
  row.shown = last;
  fill(row.when, timeTag(last.time, when(last.time)));
  row.what.textContent = (last.reply ? "↩ " : "") + (last.text || last.refusal || last.why || "Connection dropped");
  fill(row.state, chip(last.state));
}

function visibleRange() {
  const scroller = $("list-scroll");
  const first = Math.max(0, Math.floor(scroller.scrollTop / HEIGHT) - BEYOND);
  return [first, Math.min(talks.length, first + Math.ceil(scroller.clientHeight / HEIGHT) + 2 * BEYOND)];
}

function placeRows() {
  const [first, end] = visibleRange();
  const wanted = new Set(talks.slice(first, end).map((talk) => talk.number));
  for (const [number, row] of rows) {
    if (wanted.has(number)) continue;
    row.item.remove();
    rows.delete(number);
  }
  let before = null;
  for (let index = end - 1; index >= first; index -= 1) {
    const talk = talks[index];
    let row = rows.get(talk.number);
    if (!row) rows.set(talk.number, (row = makeRow(talk.number)));
    updateRow(row, talk, index);
    // A row that stands where it belongs is not moved: it may have the focus.
    if (row.item.parentNode !== $("list") || row.item.nextSibling !== before) $("list").insertBefore(row.item, before);
    before = row.item;
  }
}

const plural = (count, word) => `${count.toLocaleString()} ${word}${count === 1 ? "" : "s"}`;

function paintList() {
  const found = shownTalks();
  talks = found.talks;
  $("list").style.height = `${talks.length * HEIGHT}px`;
  const kept = document.activeElement?.closest?.("#list") ? document.activeElement : null;
  placeRows();
  if (kept?.isConnected && document.activeElement !== kept) kept.focus({ preventScroll: true });
  const tally = `${plural(found.count, "message")} in ${plural(talks.length, "conversation")}`;
  $("tally").textContent = isFiltered() ? `${tally}, filtered` : tally;
  flag(document.body, "data-empty", !store.entries.size && !open.single);
}

// Opens the conversation that is so many rows from the one that is open.
export function stepTalk(offset) {
  const at = talks.findIndex((talk) => talk.number === open.number);
  const next = talks[Math.max(0, Math.min(talks.length - 1, at < 0 ? 0 : at + offset))];
  if (!next) return;
  const top = talks.indexOf(next) * HEIGHT;
  const scroller = $("list-scroll");
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  const most = top + HEIGHT - scroller.clientHeight;
  if (most > scroller.scrollTop) scroller.scrollTop = most;
  openTalk(next.number);
}

export function startList() {
  onPaint(paintList);
  $("list-scroll").addEventListener("scroll", placeRows, { passive: true });
  new ResizeObserver(placeRows).observe($("list-scroll"));
}
