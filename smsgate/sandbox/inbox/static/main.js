// Puts it all together.
import { $, el, toast } from "./dom.js";
import { api } from "./api.js";
import { store } from "./entries.js";
import { known } from "./interfaces.js";
import { showUnread } from "./icon.js";
import { markRead, onPaint, open, paint } from "./window.js";
import { startList } from "./conversations.js";
import { startThread } from "./thread.js";
import { startDetail } from "./detail.js";
import { openFaults, showFaults } from "./faults.js";
import { openConnect, showEmpty } from "./empty.js";
import { load, startStream } from "./stream.js";
import { openKeys, startKeys } from "./keys.js";

async function clearAll() {
  if (!confirm("Clear all messages, with their reports and replies?")) return;
  await api.clear();
  toast("Cleared");
}

function startFilters() {
  const update = () => {
    store.filter = {
      words: $("search").value.trim().toLowerCase(),
      interface: $("by-interface").value,
      state: $("by-state").value,
    };
    $("list-scroll").scrollTop = 0;
    paint();
  };
  for (const id of ["search", "by-interface", "by-state"]) $(id).addEventListener("input", update);
}

function showInterfaces() {
  $("by-interface").append(...store.interfaces.filter((each) => each.sends).map((each) => el("option", {}, each.name)));
  showEmpty();
}

// All that can be pressed listens before anything is waited for.
async function start() {
  if (open.single) {
    document.body.dataset.single = "";
    document.body.dataset.view = "detail";
    open.id = decodeURIComponent(location.pathname.slice("/m/".length));
  }
  startFilters();
  startList();
  startThread();
  startDetail();
  startKeys();
  onPaint(showUnread);
  $("open-faults").addEventListener("click", openFaults);
  $("open-connect").addEventListener("click", openConnect);
  $("open-keys").addEventListener("click", openKeys);
  $("clear").addEventListener("click", clearAll);
  document.addEventListener("visibilitychange", () => {
    markRead();
    paint();
  });
  await known;
  showInterfaces();
  await load();
  startStream();
  showFaults();
}

start();
