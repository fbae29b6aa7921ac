// The keyboard: single keys, wherever nothing is being typed.
import { $, el, fill, toast } from "./dom.js";
import { copyText } from "./copy.js";
import { stepTalk } from "./conversations.js";
import { currentCode } from "./detail.js";
import { openConnect } from "./empty.js";
import { openFaults } from "./faults.js";
import { goBack } from "./window.js";

const KEYS = [
  ["c", "Copy the code of the open or newest message", copyCode],
  ["/", "Search", () => $("search").focus()],
  ["j", "Next conversation", () => stepTalk(1)],
  ["k", "Previous conversation", () => stepTalk(-1)],
  ["b", "Break the next request", openFaults],
  ["s", "How to send to this sandbox", openConnect],
  ["?", "These keys", openKeys],
];

function copyCode() {
  const code = currentCode();
  if (code) copyText(code, code);
  else toast("There is no code");
}

export function openKeys() {
  const rows = [...KEYS, ["Esc", "Back, or close a dialog"]];
  const list = rows.flatMap(([key, text]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, text)]);
  const close = el("button", { type: "button", class: "button", onclick: () => $("keys").close() }, "Close");
  fill(
    $("keys"),
    el(
      "div",
      { class: "box" },
      el("header", {}, el("h2", { id: "keys-title" }, "Keyboard"), close),
      el("dl", { class: "shortcuts" }, list),
    ),
  );
  $("keys").showModal();
}

const isTyping = (target) => target.matches("input:not([type=radio], [type=checkbox]), select, textarea");

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    if (isTyping(event.target)) event.target.blur();
    else goBack();
    return;
  }
  const found = KEYS.find(([key]) => key === event.key);
  if (!found || isTyping(event.target)) return;
  event.preventDefault();
  found[2]();
}

export function startKeys() {
  document.addEventListener("keydown", onKey);
}
