// Buttons that make a report or a reply happen.
import { el, toast } from "./dom.js";
import { api } from "./api.js";
import { interfaceOf, store } from "./entries.js";

async function attempt(run, done, problem) {
  problem.hidden = true;
  try {
    const made = await run();
    toast(done(made));
    return true;
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
    return false;
  }
}

const problemLine = () => el("p", { class: "problem", role: "alert", hidden: true });

export function reportForm(entry) {
  const codes = interfaceOf(entry)?.reports || [];
  const select = el(
    "select",
    { "aria-label": "Code of the report" },
    codes.map((code) => el("option", {}, code)),
  );
  const problem = problemLine();
  const send = (event) => {
    event.preventDefault();
    const sent = (made) => (made.pushed_to ? "Report pushed" : "Report waits to be pulled");
    attempt(() => api.report(entry.id, select.value), sent, problem);
  };
  const button = el("button", { type: "submit", class: "button" }, "Send report");
  return el("form", { onsubmit: send }, el("div", { class: "line" }, select, button), problem);
}

const senders = () => [...new Set(store.interfaces.filter((each) => each.sends).map((each) => each.vendor))];

export function replyForm(number, entries) {
  const last = entries.filter((entry) => entry.vendor).at(-1);
  const select = el(
    "select",
    { "aria-label": "Vendor that takes the reply" },
    senders().map((name) => el("option", {}, name)),
  );
  if (last) select.value = last.vendor;
  const text = el("input", {
    type: "text",
    placeholder: "Reply",
    "aria-label": `Reply as ${number}`,
    required: true,
    autocomplete: "off",
  });
  const problem = problemLine();
  const send = async (event) => {
    event.preventDefault();
    const sent = (made) => (made.pushed_to ? "Reply pushed" : "Reply waits to be pulled");
    if (await attempt(() => api.reply(number, text.value, select.value), sent, problem)) text.value = "";
  };
  const button = el("button", { type: "submit", class: "primary" }, "Reply");
  return el("form", { onsubmit: send }, el("div", { class: "line" }, text, select, button), problem);
}
