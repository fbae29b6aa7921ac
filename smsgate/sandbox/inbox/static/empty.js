// What to do first: the address, an account, and a program that works as it stands.
import { $, el, field, fill, part } from "./dom.js";
import { copyButton } from "./copy.js";
import { store } from "./entries.js";
import { known } from "./interfaces.js";

function account(chosen) {
  const rows = Object.entries(chosen.account);
  return el(
    "dl",
    { class: "facts" },
    rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { class: "mono" }, String(value))]),
  );
}

function program(chosen) {
  const copy = copyButton("Copy", chosen.program, "the program", {
    class: "button small",
    "aria-label": "Copy the program",
  });
  return el("div", { class: "program" }, el("pre", { class: "raw" }, chosen.program), copy);
}

function card(id) {
  const senders = store.interfaces.filter((each) => each.sends);
  const place = el("div", { class: "start" });
  const update = () => {
    const chosen = senders.find((each) => each.name === select.value) || senders[0];
    fill(place, part("Account", account(chosen)), part("A program that sends", program(chosen)));
  };
  const select = el(
    "select",
    { id, onchange: update },
    senders.map((each) => el("option", {}, each.name)),
  );
  update();
  const address = el(
    "div",
    { class: "address" },
    el("code", {}, location.origin),
    copyButton("Copy address", location.origin, "the address"),
  );
  return [part("Address of every vendor", address), field("Interface", select), place];
}

export function showEmpty() {
  const hint =
    "Point a gateway at this address and send: messages appear here as the phone would show them. Nothing leaves this machine.";
  const demo = el("p", {}, "To see it filled: ", el("code", {}, "smsgate sandbox --demo"));
  fill(
    $("empty"),
    el(
      "div",
      { class: "start" },
      el("h2", {}, "No messages yet"),
      el("p", {}, hint),
      el("div", { class: "card" }, card("empty-interface")),
      demo,
    ),
  );
  $("empty").hidden = false;
}

export async function openConnect() {
  await known;
  const close = el("button", { type: "button", class: "button", onclick: () => $("connect").close() }, "Close");
  fill(
    $("connect"),
    el(
      "div",
      { class: "box" },
      el("header", {}, el("h2", { id: "connect-title" }, "Send to this sandbox"), close),
      card("connect-interface"),
    ),
  );
  $("connect").showModal();
}
