// The dialog that breaks the next request, in every way that the sandbox knows.
import { $, el, field, fill, toast } from "./dom.js";
import { api } from "./api.js";
import { store } from "./entries.js";
import { known } from "./interfaces.js";

const KINDS = {
  answer: "Vendor's code",
  status: "HTTP status",
  drop: "Connection drops",
  stall: "Slow response",
  refuse: "Port refuses",
};
const form = {};

const numberInput = (id, value, props) => el("input", { type: "number", id, value, inputmode: "decimal", ...props });
const option = (value, text) => el("option", { value }, text);

function kindFields() {
  const kind = form.kind;
  const codes = store.interfaces.find((each) => each.name === form.vendor.value)?.refusals || [];
  if (kind === "answer") {
    if (!codes.length)
      return [el("p", { class: "dim" }, "This interface sends nothing, so it refuses nothing. Choose another kind.")];
    return [
      field(
        "Code that comes back",
        el(
          "select",
          { id: "fault-answer" },
          codes.map((code) => option(code, code)),
        ),
      ),
    ];
  }
  if (kind === "status") {
    const retry = numberInput("fault-retry", "", { min: 0, placeholder: "none" });
    return [
      el(
        "div",
        { class: "pair" },
        field("Status", numberInput("fault-status", 503, { min: 200, max: 599, required: true })),
        field("Retry-After, seconds", retry),
      ),
    ];
  }
  const moments = [option("after", "after the request was processed"), option("before", "before it is processed")];
  if (kind === "drop") return [field("When", el("select", { id: "fault-drop" }, moments))];
  if (kind === "stall") {
    const seconds = numberInput("fault-stall", 30, { min: 0.1, step: "any", required: true });
    return [
      el(
        "div",
        { class: "pair" },
        field("Seconds", seconds),
        field(
          "Then",
          el("select", { id: "fault-when" }, [
            option("after", "the response comes"),
            option("before", "the connection drops, unprocessed"),
          ]),
        ),
      ),
    ];
  }
  return [
    el(
      "p",
      { class: "dim" },
      "The interface's own port closes until you clear the fault. It needs one: smsgate sandbox --port-for NAME=PORT.",
    ),
  ];
}

function updateKind() {
  fill(form.fields, kindFields());
  form.common.hidden = form.kind === "refuse";
}

const valueOf = (id) => $(id).value;

function readKind() {
  if (form.kind === "answer") return $("fault-answer") ? { answer: valueOf("fault-answer") } : {};
  if (form.kind === "status") {
    const retry = valueOf("fault-retry");
    return { status: Number(valueOf("fault-status")), ...(retry === "" ? {} : { retry_after: Number(retry) }) };
  }
  if (form.kind === "drop") return { drop: valueOf("fault-drop") };
  if (form.kind === "stall") return { stall: Number(valueOf("fault-stall")), when: valueOf("fault-when") };
  return { refuse: true };
}

function readForm() {
  const fault = { vendor: form.vendor.value, ...readKind() };
  if (form.kind === "refuse") return fault;
  const to = form.to.value.trim();
  return { ...fault, ...(to ? { to } : {}), times: form.always.checked ? null : Number(form.times.value) };
}

function describe(fault) {
  const kinds = [
    fault.answer && `code ${fault.answer}`,
    fault.status && `HTTP ${fault.status}${fault.retry_after ? `, Retry-After ${fault.retry_after}` : ""}`,
    fault.drop && `drop ${fault.drop} processing`,
    fault.stall && `${fault.stall} s, ${fault.when === "after" ? "processed" : "then dropped"}`,
    fault.refuse && "connections refused",
  ];
  const requests = fault.times === 1 ? "the next request" : `${fault.times} requests`;
  const times = fault.refuse ? "" : fault.times === null ? ", until cleared" : `, ${requests}`;
  return `${fault.vendors.join(", ")}: ${kinds.filter(Boolean).join(" ")}${fault.to ? `, to ${fault.to}` : ""}${times}`;
}

async function refreshFaults() {
  const faults = await api.faults();
  $("fault-count").textContent = faults.length;
  $("fault-count").hidden = !faults.length;
  if (!form.set) return;
  const items = faults.map((fault) => {
    const clear = () => clearFault(fault.vendors[0]);
    const label = `Clear the faults of ${fault.vendors[0]}`;
    return el(
      "li",
      {},
      el("span", {}, describe(fault)),
      el("button", { type: "button", class: "button small", "aria-label": label, onclick: clear }, "Clear"),
    );
  });
  fill(form.set, items.length ? items : el("li", { class: "dim" }, "None is set."));
}

// The count in the bar; where the server cannot be reached it stays as it was.
export const showFaults = () => refreshFaults().catch(() => undefined);

async function clearFault(vendor) {
  await api.clearFaults(vendor);
  await refreshFaults();
}

async function submit(event) {
  event.preventDefault();
  form.problem.hidden = true;
  try {
    await api.setFault(readForm());
    toast("The next request will fail");
    await refreshFaults();
  } catch (error) {
    form.problem.textContent = error.message;
    form.problem.hidden = false;
  }
}

function kindChoice([kind, label]) {
  const choose = () => {
    form.kind = kind;
    updateKind();
  };
  const input = el("input", {
    type: "radio",
    name: "kind",
    value: kind,
    checked: kind === form.kind,
    onchange: choose,
  });
  return el("label", { class: "choice" }, input, label);
}

function build() {
  form.kind = "answer";
  form.vendor = el(
    "select",
    { onchange: updateKind },
    store.interfaces.map((each) => option(each.name, each.name)),
  );
  form.fields = el("div", {});
  form.to = el("input", { type: "text", placeholder: "all numbers", autocomplete: "off", inputmode: "tel" });
  form.times = numberInput("fault-times", 1, { min: 1 });
  form.always = el("input", { type: "checkbox", onchange: () => (form.times.disabled = form.always.checked) });
  form.common = el(
    "div",
    {},
    el("div", { class: "pair" }, field("Only to number", form.to), field("Times", form.times)),
    el("label", { class: "check-line" }, form.always, "Until it is cleared"),
  );
  form.problem = el("p", { class: "problem", role: "alert", hidden: true });
  form.set = el("ul", { class: "set" });
  const close = el("button", { type: "button", class: "button", onclick: () => $("faults").close() }, "Close");
  const kinds = el(
    "fieldset",
    {},
    el("legend", {}, "What happens"),
    el("div", { class: "choices" }, Object.entries(KINDS).map(kindChoice)),
  );
  const buttons = el(
    "div",
    { class: "line" },
    el("button", { type: "submit", class: "primary" }, "Break the next request"),
    el("button", { type: "button", class: "button", onclick: () => clearFault() }, "Clear all"),
  );
  const body = el(
    "form",
    { class: "box", onsubmit: submit },
    el("header", {}, el("h2", { id: "faults-title" }, "Break the next request"), close),
    field("Interface", form.vendor),
    kinds,
    form.fields,
    form.common,
    form.problem,
    buttons,
    el("h3", {}, "Set now"),
    form.set,
  );
  fill($("faults"), body);
  updateKind();
}

export async function openFaults() {
  await known;
  if (!form.set) build();
  $("faults").showModal();
  await refreshFaults();
}
