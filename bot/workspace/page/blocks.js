// Block Kit to DOM nodes. A block that is not known here says so instead of vanishing.

import { h, icon, link } from "/page/dom.js";
import { control } from "/page/elements.js";
import { markdown, mrkdwn, richText, text } from "/page/mrkdwn.js";

const LONG = 700; // characters after which a section is folded, unless it asks to be shown whole
const FILE = /\/files-pri\/T[A-Z0-9]+-(F[A-Z0-9]+)\//;

export const expanded = new Set(); // what the person has unfolded, over repaints

export function blocks(list, ctx) {
  return (list ?? []).map((block) => {
    const make = MAKERS[block.type];
    const node = make ? make(block, ctx) : h("div", { class: "unknown" }, `A ${block.type} block is not shown here.`);
    node.classList.add("block", `block-${block.type}`);
    if (block.block_id) node.dataset.block = block.block_id;
    return node;
  });
}

function section(block, ctx) {
  const body = h("div", { class: "section-body" });
  if (block.text) body.append(fold(block, ctx));
  if (block.fields) body.append(h("div", { class: "fields" }, block.fields.map((field) => h("div", {}, text(field)))));
  return h("div", {}, body, block.accessory && h("div", { class: "accessory" }, accessory(block, ctx)));
}

function fold(block, ctx) {
  const node = h("div", { class: "text" }, text(block.text));
  const key = `${ctx.id}/${block.block_id}`;
  const rows = block.text.text.split("\n").length;
  if (block.expand || expanded.has(key) || (block.text.text.length <= LONG && rows <= 12)) return node;
  node.classList.add("folded");
  const more = h("button", { type: "button", class: "see-more", onclick: () => {
    expanded.add(key);
    node.classList.remove("folded");
    more.remove();
  } }, "See more");
  return h("div", {}, node, more);
}

const accessory = (block, ctx) => (block.accessory.type === "image" ? picture(block.accessory) : control(block, block.accessory, ctx));

export function picture(image) {
  const url = image.image_url ?? image.slack_file?.url ?? "";
  const id = image.slack_file?.id ?? url.match(FILE)?.[1];
  const src = id ? `/person/files/${encodeURIComponent(id)}` : url.startsWith("data:image/") ? url : "";
  if (src) return h("img", { src, alt: image.alt_text ?? "", loading: "lazy" });
  return h("span", { class: "no-picture" }, icon("eye"), link(url, image.alt_text || "Picture"), " (pictures from elsewhere are not loaded here)");
}

function imageBlock(block) {
  const shown = picture(block);
  const id = shown.getAttribute?.("src");
  return h("figure", {}, block.title && h("figcaption", {}, text(block.title)), id ? h("a", { href: id, target: "_blank", rel: "noopener" }, shown) : shown);
}

function context(block) {
  return h("div", {}, (block.elements ?? []).map((e) => (e.type === "image" ? picture(e) : h("span", {}, text(e)))));
}

const actions = (block, ctx) => h("div", {}, (block.elements ?? []).map((element) => control(block, element, ctx)));

function inputBlock(block, ctx) {
  const error = ctx.errors?.[block.block_id];
  const field = control(block, block.element, ctx);
  return h("div", { class: error ? "has-error" : "" },
    h("div", { class: "label" }, text(block.label), block.optional && h("small", {}, " (optional)")),
    field,
    error && h("div", { class: "field-error", role: "alert" }, error),
    block.hint && h("div", { class: "hint" }, text(block.hint)));
}

const MARKS = { complete: ["check", "Done"], error: ["alert", "Failed"], in_progress: ["", "In progress"], pending: ["", "Waiting"] };

function task(card) {
  const [mark, label] = MARKS[card.status] ?? MARKS.pending;
  return h("li", { class: `task ${card.status ?? "pending"}` },
    h("span", { class: "mark", role: "img", "aria-label": label }, mark && icon(mark)),
    h("div", {}, h("div", { class: "task-title" }, typeof card.title === "string" ? card.title : text(card.title)),
      [card.details, card.output].filter(Boolean).map((part) => h("div", { class: "task-details" }, richText(part.elements ?? []))),
      card.sources?.length && h("div", { class: "task-sources" }, card.sources.map((source) => link(source.url ?? "", source.text || source.url || "")))));
}

function plan(block) {
  return h("div", {}, h("div", { class: "plan-title" }, typeof block.title === "string" ? block.title : text(block.title)),
    h("ol", { class: "tasks" }, (block.tasks ?? []).map(task)));
}

function table(block) {
  const settings = block.column_settings ?? [];
  const cell = (content, index, tag) => {
    const inner = content.type === "rich_text" ? richText(content.elements) : [content.text ?? String(content.value ?? "")];
    const align = settings[index]?.align;
    return h(tag, { class: [align, settings[index]?.is_wrapped ? "wrap" : ""].filter(Boolean).join(" ") }, inner);
  };
  const [head, ...rows] = block.rows ?? [];
  return h("div", { tabindex: 0 }, h("table", {},
    head && h("thead", {}, h("tr", {}, head.map((c, i) => cell(c, i, "th")))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((c, i) => cell(c, i, "td")))))));
}

function card(block, ctx) {
  return h("div", {}, block.hero_image && picture(block.hero_image),
    block.title && h("b", {}, text(block.title)), block.subtitle && h("div", { class: "hint" }, text(block.subtitle)),
    block.body && h("div", {}, text(block.body)), block.subtext && h("div", { class: "hint" }, text(block.subtext)),
    block.actions && h("div", { class: "block-actions" }, block.actions.map((element) => control(block, element, ctx))));
}

const MAKERS = {
  section,
  header: (block) => h(`h${Math.min((block.level ?? 1) + 2, 6)}`, {}, text(block.text)),
  divider: () => h("hr"),
  context,
  actions,
  context_actions: actions,
  image: imageBlock,
  input: inputBlock,
  rich_text: (block) => h("div", {}, richText(block.elements)),
  markdown: (block) => h("div", {}, markdown(block.text)),
  plan,
  task_card: (block) => h("ol", { class: "tasks" }, task(block)),
  table,
  alert: (block) => h("div", { class: `level-${block.level ?? "default"}`, role: "note" }, icon("alert"), h("div", {}, text(block.text))),
  card,
  carousel: (block, ctx) => h("div", {}, blocks(block.elements, ctx)),
  container: (block, ctx) => h("div", {}, block.title && h("b", {}, text(block.title)), blocks(block.child_blocks, ctx)),
};

// The text of a message without blocks; folded like a section.
export const plainMessage = (message, ctx) => fold({ text: { type: "mrkdwn", text: message.text }, block_id: "text" }, ctx);
