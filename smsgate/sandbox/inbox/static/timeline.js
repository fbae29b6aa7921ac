// What happened to a message, step by step, with each try of a push and a button that makes it again.
import { clock, el, timeTag, toast } from "./dom.js";
import { api } from "./api.js";

async function again(number) {
  try {
    await api.pushAgain(number);
    toast("Sent again");
  } catch (error) {
    toast(error.message);
  }
}

function pushDetails(push) {
  const headers = Object.entries(push.headers).map(([name, value]) => `${name}: ${value}`);
  const raw = [`${push.method} ${push.url}`, ...headers, "", push.body].join("\n");
  const label = `Send try ${push.attempt} again`;
  const props = { type: "button", class: "button small", "aria-label": label, onclick: () => again(push.number) };
  const button = el("button", { ...props, "data-key": `push-${push.number}` }, "Send again");
  const details = el(
    "details",
    {},
    el("summary", { "data-key": `raw-${push.number}` }, "Request"),
    el("pre", { class: "raw" }, raw),
  );
  return el("div", { class: "line" }, button, details);
}

export function timeline(steps) {
  const items = steps.map((step) => {
    const title = el("div", { class: "title" }, el("span", {}, step.title), timeTag(step.time, clock(step.time)));
    const text = step.text ? el("p", {}, step.text) : null;
    return el("li", { "data-tone": step.tone }, title, text, step.push ? pushDetails(step.push) : null);
  });
  return el("ol", { class: "steps" }, items);
}
