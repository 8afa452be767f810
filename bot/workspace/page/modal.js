// The stack of modals: one dialog that shows the top view; what was typed outlives repaints.

import { h, iconButton, toast } from "/page/dom.js";
import { blocks } from "/page/blocks.js";
import { valueOf } from "/page/elements.js";
import { text } from "/page/mrkdwn.js";
import { act, state } from "/page/state.js";

let dialog = null;
let shown = { id: "", hash: "" };
const typed = new Map(); // view id → "block action" → value
let errors = {};

const slot = (block, element) => `${block.block_id}\u0000${element.action_id}`;

function inputsOf(view) {
  return view.blocks.flatMap((block) => [block.element, block.accessory, ...(block.elements ?? [])].filter((e) => e?.action_id).map((element) => [block, element]));
}

export function values(view) {
  const own = typed.get(view.id) ?? new Map();
  return inputsOf(view).filter(([block, element]) => own.has(slot(block, element)))
    .map(([block, element]) => [block.block_id, element.action_id, own.get(slot(block, element))]);
}

// How the blocks of a view reach its values, and the app.
export function viewContext(view) {
  if (!typed.has(view.id)) typed.set(view.id, new Map());
  const own = typed.get(view.id);
  return {
    id: view.id,
    errors: view.type === "modal" ? errors : {},
    silent: (block) => block.type === "input" && !block.dispatch_action,
    get: (block, element) => (own.has(slot(block, element)) ? own.get(slot(block, element)) : valueOf(view.state.values[block.block_id]?.[element.action_id])),
    set: (block, element, value) => own.set(slot(block, element), value),
    use: async (block, element, value) => {
      const outcome = await act({ do: "click", where: view.id, block_id: block.block_id, action_id: element.action_id, value, values: values(view) });
      if (outcome.message) toast(outcome.message);
    },
  };
}

export function paintModal() {
  const view = state.views.stack.at(-1);
  if (!view) return shut();
  if (view.id === shown.id && view.hash === shown.hash) return;
  if (view.id !== shown.id) errors = {};
  shown = { id: view.id, hash: view.hash };
  draw(view);
}

function shut() {
  shown = { id: "", hash: "" };
  errors = {};
  for (const id of typed.keys()) if (id !== state.views.home?.id) typed.delete(id);
  dialog?.remove();
  dialog = null;
}

function draw(view) {
  const fresh = !dialog;
  const focus = dialog?.contains(document.activeElement) ? document.activeElement.dataset.key : "";
  dialog ??= h("dialog", { class: "modal", "aria-labelledby": "modal-title" });
  const under = state.views.stack.length > 1;
  const cancel = (all) => act({ do: "close", view: view.id, all });
  dialog.onclose = () => state.views.stack.at(-1)?.id === view.id && cancel(false);
  dialog.oncancel = (event) => { event.preventDefault(); cancel(false); };
  const form = h("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); send(view, form); } },
    h("header", {}, h("h2", { id: "modal-title" }, text(view.title)), iconButton("close", "Close", () => cancel(true))),
    h("div", { class: "modal-body" }, blocks(view.blocks, viewContext(view))),
    h("footer", {},
      h("button", { type: "button", class: "button", onclick: () => cancel(false) }, view.close ? text(view.close) : under ? "Back" : "Cancel"),
      view.submit && h("button", { type: "submit", class: "button primary" }, text(view.submit))));
  dialog.replaceChildren(form);
  if (fresh) {
    document.body.append(dialog);
    dialog.showModal();
  }
  const target = focus && form.querySelector(`[data-key="${CSS.escape(focus)}"]`);
  (target || form.querySelector(".has-error input, .has-error textarea") || (fresh && form.querySelector(".modal-body :is(input:not([type=file]), textarea, select)")))?.focus?.();
}

async function send(view, form) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  button.classList.add("busy");
  try {
    const outcome = await act({ do: "submit", view: view.id, values: values(view) });
    errors = outcome.errors ?? {};
    if (outcome.message) toast(outcome.message);
    const now = state.views.stack.at(-1);
    if (Object.keys(errors).length && now?.id === view.id) draw(now);
  } catch (error) {
    toast(error.message);
  } finally {
    button.disabled = false;
    button.classList.remove("busy");
  }
}
