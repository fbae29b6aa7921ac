// Live events: one stream a browser. The tab that holds the lock has it, and passes on to the others what comes.
import { $, flag } from "./dom.js";
import { api } from "./api.js";
import { dropOldest, forgetAll, putEntry, store } from "./entries.js";
import { markRead, open, paint } from "./window.js";
import { showFaults } from "./faults.js";

const channel = new BroadcastChannel("smsgate-sandbox");
const state = { last: "", current: "", ready: false, leads: false, turn: 0, waiting: [] };

const numberOf = (id) => Number(id.split("-")[1]);
const isNewer = (id) => id.split("-")[0] !== state.last.split("-")[0] || numberOf(id) > numberOf(state.last);
const rest = () => new Promise((done) => setTimeout(done));

function showLive(on) {
  $("live").textContent = on ? "Live" : "Reconnecting";
  flag($("live"), "data-state", true, on ? "on" : "wait");
}

function arrived(entry) {
  if (entry.number === open.number && !document.hidden) return;
  store.unread.add(entry.id);
  if (!entry.reply)
    $("announce").textContent = `Message to ${entry.number || "no number"}: ${entry.text || entry.refusal}`;
}

function handle(event) {
  if (event.name === "reset") return void load();
  if (event.name === "clear") {
    forgetAll();
    open.number = null;
    open.id = null;
    if (!open.single) document.body.dataset.view = "list";
  }
  if (event.name === "entries") for (const entry of event.data) if (putEntry(entry)) arrived(entry);
  if (event.name === "faults") showFaults();
  dropOldest();
  markRead();
  paint();
}

function receive(event) {
  if (!state.ready) return void state.waiting.push(event);
  if (event.name !== "reset" && !isNewer(event.id) && event.id !== state.current) return;
  // Several events may share an id: those that belong together.
  state.current = event.id;
  state.last = event.id;
  handle(event);
}

// Reads in parts, the newest first: no part takes long. Gives the id of the event from which the stream goes on.
async function loadParts(isOver) {
  let before = null;
  let event = null;
  for (;;) {
    const page = await api.page(before);
    if (isOver()) return null;
    event ??= page.event;
    store.keep = page.keep;
    page.entries.forEach(putEntry);
    if (!page.entries.length) return event;
    before = page.entries[page.entries.length - 1].serial;
    paint();
    await rest();
  }
}

// Everything there is. A later call ends an earlier one; a server that cannot be reached is asked again.
export async function load() {
  const turn = (state.turn += 1);
  state.ready = false;
  forgetAll();
  let event = null;
  try {
    event = await loadParts(() => turn !== state.turn);
  } catch {
    await new Promise((done) => setTimeout(done, 1000));
    return turn === state.turn ? load() : undefined;
  }
  if (event === null) return undefined;
  state.last = event;
  state.ready = true;
  for (const waiting of state.waiting.splice(0)) receive(waiting);
  paint();
  return undefined;
}

function lead() {
  const source = new EventSource(`/sandbox/events?last=${encodeURIComponent(state.last)}`);
  const tell = (message) => {
    if (navigator.locks) channel.postMessage(message);
    onMessage(message);
  };
  source.onopen = () => tell({ live: true });
  source.onerror = () => {
    tell({ live: false });
    // Unlike a connection that breaks, a response that is no stream ends the source: try again.
    if (source.readyState === EventSource.CLOSED) setTimeout(lead, 1000);
  };
  for (const name of ["entries", "clear", "faults", "reset"]) {
    source.addEventListener(name, (event) =>
      tell({ event: { name, id: event.lastEventId, data: JSON.parse(event.data) } }),
    );
  }
  return source;
}

function onMessage(message) {
  if ("live" in message) showLive(message.live);
  else if ("asks" in message) {
    if (state.leads) channel.postMessage({ live: true });
  } else receive(message.event);
}

// From the start: what comes while everything is read waits until that is done.
channel.onmessage = (event) => onMessage(event.data);

export function startStream() {
  const start = () => {
    state.leads = true;
    lead();
    return new Promise(() => {});
  };
  // Locks are there on loopback addresses and over https; elsewhere each tab has a stream of its own.
  if (navigator.locks) {
    navigator.locks.request("smsgate-sandbox-stream", start);
    channel.postMessage({ asks: true });
  } else start();
}
