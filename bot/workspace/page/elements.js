// Everything that can be used: buttons, selects, menus, boxes, inputs. Values go out as Person.click takes them.

import { h, icon, menu, toast, link } from "/page/dom.js";
import { text } from "/page/mrkdwn.js";
import { state, upload } from "/page/state.js";

const optionsOf = (element) => [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((g) => g.options)];
const plain = (object) => object?.text ?? "";

// What stands in an element, from the server's state entry: as Person.click would be given it.
export function valueOf(entry) {
  if (!entry) return null;
  const pick = (option) => option?.value ?? null;
  if ("selected_option" in entry) return pick(entry.selected_option);
  if ("selected_options" in entry) return (entry.selected_options ?? []).map(pick);
  if ("files" in entry) return (entry.files ?? []).map((file) => file.id ?? file);
  const key = Object.keys(entry).find((name) => name !== "type");
  return entry[key] ?? null;
}

export function control(block, element, ctx) {
  const make = MAKERS[element.type];
  return make ? make(block, element, ctx) : h("span", { class: "unknown" }, `${element.type} is not shown here`);
}

export async function confirmed(confirm) {
  if (!confirm) return true;
  return new Promise((done) => {
    const answer = (yes) => () => { dialog.close(); dialog.remove(); done(yes); };
    const style = confirm.style === "danger" ? "danger" : "primary";
    const dialog = h("dialog", { class: "confirm", onclose: () => done(false) },
      h("h2", {}, text(confirm.title)),
      h("div", { class: "confirm-text" }, text(confirm.text)),
      h("footer", {},
        h("button", { type: "button", class: "button", onclick: answer(false) }, text(confirm.deny)),
        h("button", { type: "button", class: `button ${style}`, onclick: answer(true) }, text(confirm.confirm))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

async function use(block, element, ctx, value, node) {
  if (!(await confirmed(element.confirm))) return false;
  node?.classList.add("busy");
  try { await ctx.use(block, element, value); } finally { node?.classList.remove("busy"); }
  return true;
}

const key = (block, element) => ({ key: `${block.block_id}/${element.action_id}` });

function button(block, element, ctx) {
  const onclick = () => use(block, element, ctx, element.value ?? null, node);
  const props = { class: `button ${element.style ?? ""}`, "aria-label": element.accessibility_label, data: key(block, element), onclick };
  const node = element.url ? link(element.url, text(element.text)) : h("button", { type: "button", ...props }, text(element.text));
  if (element.url) {
    node.className = props.class;
    node.addEventListener("click", onclick);
  }
  return node;
}

function choose(options, groups, current, placeholder) {
  const item = (option) => {
    const node = h("option", { value: option.value }, plain(option.text));
    node.selected = option.value === current;
    return node;
  };
  const inner = groups?.length
    ? groups.map((group) => h("optgroup", { label: plain(group.label) }, group.options.map(item)))
    : options.map(item);
  const empty = h("option", { value: "" }, placeholder);
  empty.selected = current === null || current === "";
  return h("select", {}, empty, inner);
}

function select(block, element, ctx, options = element.options ?? [], groups = element.option_groups) {
  const current = ctx.get(block, element);
  const node = choose(options, groups, current, plain(element.placeholder) || "Choose…");
  node.className = "select";
  node.dataset.key = key(block, element).key;
  node.addEventListener("change", async () => {
    const before = ctx.get(block, element);
    ctx.set(block, element, node.value || null);
    if (ctx.silent(block)) return;
    if (!node.value || !(await use(block, element, ctx, node.value, node))) {
      ctx.set(block, element, before);
      node.value = before ?? "";
    }
  });
  return node;
}

function multi(block, element, ctx, options = optionsOf(element), groups = element.option_groups) {
  const chosen = () => ctx.get(block, element) ?? [];
  const node = h("div", { class: "multi", data: key(block, element) });
  const put = (values) => {
    ctx.set(block, element, values);
    paint();
    if (!ctx.silent(block)) use(block, element, ctx, values, node);
  };
  const paint = () => {
    const open = options.filter((option) => !chosen().includes(option.value));
    const left = groups?.map((g) => ({ ...g, options: g.options.filter((o) => open.includes(o)) }));
    const add = choose(open, left, null, plain(element.placeholder) || "Add…");
    add.className = "select";
    add.addEventListener("change", () => add.value && put([...chosen(), add.value]));
    const chips = chosen().map((value) => h("span", { class: "chip" },
      plain(options.find((option) => option.value === value)?.text) || value,
      h("button", { type: "button", "aria-label": "Remove", onclick: () => put(chosen().filter((v) => v !== value)) }, "×")));
    node.replaceChildren(...chips, add);
  };
  paint();
  return node;
}

function boxes(block, element, ctx) {
  const many = element.type === "checkboxes";
  const name = `${ctx.id}/${block.block_id}/${element.action_id}`;
  const on = (value) => { const now = ctx.get(block, element); return many ? (now ?? []).includes(value) : now === value; };
  const node = h("div", { class: "boxes", role: many ? "group" : "radiogroup", data: key(block, element) });
  const changed = async () => {
    const marked = [...node.querySelectorAll("input:checked")].map((input) => input.value);
    const value = many ? marked : marked[0] ?? null;
    ctx.set(block, element, value);
    if (!ctx.silent(block)) await use(block, element, ctx, value, node);
  };
  for (const option of optionsOf(element)) {
    const input = h("input", { type: many ? "checkbox" : "radio", name, onchange: changed });
    input.value = option.value;
    input.checked = on(option.value);
    node.append(h("label", {}, input, h("span", {}, h("span", { class: "box-text" }, text(option.text)),
      option.description && h("small", {}, text(option.description)))));
  }
  return node;
}

function overflow(block, element, ctx) {
  const open = () => menu(node, element.options.map((option) => ({
    label: plain(option.text),
    hint: plain(option.description),
    run: () => {
      if (option.url && /^https?:/i.test(option.url)) window.open(option.url, "_blank", "noopener");
      return use(block, element, ctx, option.value, node);
    },
  })));
  const node = h("button", { type: "button", class: "button overflow", "aria-label": "More", "aria-haspopup": "menu", data: key(block, element), onclick: open }, icon("more"));
  return node;
}

const input = (type) => (block, element, ctx) => {
  const props = { placeholder: plain(element.placeholder), minlength: element.min_length, maxlength: element.max_length, data: key(block, element) };
  if (type === "number" && element.is_decimal_allowed) props.step = "any";
  const node = element.multiline ? h("textarea", { rows: 6, ...props }) : h("input", { type, ...props });
  node.value = ctx.get(block, element) ?? "";
  const commits = !["text", "email", "url", "number"].includes(type);
  node.addEventListener("input", () => ctx.set(block, element, node.value || null));
  const send = () => ctx.silent(block) || use(block, element, ctx, node.value || null, node);
  if (commits) node.addEventListener("change", send);
  else node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !element.multiline) { event.preventDefault(); send(); }
  });
  if (element.focus_on_load) node.autofocus = true;
  return node;
};

function datetime(block, element, ctx) {
  const now = ctx.get(block, element);
  const node = h("input", { type: "datetime-local", data: key(block, element) });
  if (now) node.value = new Date(now * 1000 - new Date(now * 1000).getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  node.addEventListener("change", () => {
    const value = node.value ? Math.floor(new Date(node.value).getTime() / 1000) : null;
    ctx.set(block, element, value);
    if (!ctx.silent(block)) use(block, element, ctx, value, node);
  });
  return node;
}

function files(block, element, ctx) {
  const most = element.max_files ?? 10;
  const names = ctx.names ?? (ctx.names = new Map());
  const list = h("div", { class: "file-list" });
  const picker = h("input", { type: "file", multiple: most > 1, hidden: true, onchange: () => add([...picker.files]) });
  if (element.filetypes?.length) picker.accept = element.filetypes.map((type) => `.${type}`).join(",");
  const put = (ids) => { ctx.set(block, element, ids); paint(); };
  const add = async (picked) => {
    try {
      for (const file of picked) {
        if ((ctx.get(block, element) ?? []).length >= most) { toast(`At most ${most} files fit here.`); break; }
        const id = await upload(file);
        names.set(id, file.name);
        put([...(ctx.get(block, element) ?? []), id]);
      }
    } catch (error) { toast(error.message); }
  };
  const paint = () => list.replaceChildren(...(ctx.get(block, element) ?? []).map((id) => h("span", { class: "chip" }, icon("file"), names.get(id) ?? id,
    h("button", { type: "button", "aria-label": "Remove", onclick: () => put(ctx.get(block, element).filter((other) => other !== id)) }, "×"))));
  const zone = h("button", { type: "button", class: "drop", onclick: () => picker.click() }, icon("clip"), h("span", {}, `Choose up to ${most} files, or drop them here`));
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.remove("over");
    add([...event.dataTransfer.files]);
  });
  paint();
  return h("div", { class: "file-input", data: key(block, element) }, picker, zone, list);
}

const people = () => [...state.users.values()].filter((u) => u.role !== "app").map((u) => ({ value: u.id, text: { text: u.real_name } }));
const places = () => [...state.channels.values()].filter((c) => c.type !== "im").map((c) => ({ value: c.id, text: { text: `#${c.name}` } }));

function feedback(block, element, ctx) {
  return h("span", { class: "feedback" }, [element.positive_button, element.negative_button].map((side, index) => {
    const node = h("button", { type: "button", class: "button small", data: key(block, element), onclick: () => use(block, element, ctx, side.value, node) }, index ? "👎 " : "👍 ", text(side.text));
    return node;
  }));
}

function iconOnly(block, element, ctx) {
  const node = h("button", { type: "button", class: "button small", data: key(block, element), onclick: () => use(block, element, ctx, element.value ?? null, node) }, icon(element.icon ?? "more"), text(element.text));
  return node;
}

const MAKERS = {
  button,
  workflow_button: button,
  static_select: select,
  external_select: select,
  multi_static_select: multi,
  multi_external_select: multi,
  users_select: (b, e, c) => select(b, e, c, people()),
  multi_users_select: (b, e, c) => multi(b, e, c, people()),
  conversations_select: (b, e, c) => select(b, e, c, places()),
  multi_conversations_select: (b, e, c) => multi(b, e, c, places()),
  channels_select: (b, e, c) => select(b, e, c, places()),
  multi_channels_select: (b, e, c) => multi(b, e, c, places()),
  overflow,
  checkboxes: boxes,
  radio_buttons: boxes,
  plain_text_input: input("text"),
  email_text_input: input("email"),
  url_text_input: input("url"),
  number_input: input("number"),
  datepicker: input("date"),
  timepicker: input("time"),
  datetimepicker: datetime,
  file_input: files,
  feedback_buttons: feedback,
  icon_button: iconOnly,
};
