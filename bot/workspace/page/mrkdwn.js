// Text with marks to DOM nodes: Slack's mrkdwn, and the little Markdown that a markdown block may hold.

import { h, link } from "/page/dom.js";
import { emoji, withEmoji } from "/page/emoji.js";
import { userName, channelName } from "/page/state.js";

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const INLINE = new RegExp([
  "`(?<code>[^`\\n]+)`",
  "<(?<angle>[^<>\\n]+)>",
  ":(?<emoji>[a-z0-9_+'-]+):",
  "(?<![\\w*])\\*(?<bold>\\S|\\S[^*\\n]*?\\S)\\*(?![\\w*])",
  "(?<![\\w])_(?<italic>\\S|\\S[^_\\n]*?\\S)_(?![\\w])",
  "(?<![\\w~])~(?<strike>\\S|\\S[^~\\n]*?\\S)~(?![\\w~])",
].join("|"), "g");

export function mrkdwn(text) {
  const nodes = [];
  for (const [index, part] of text.split(/```/).entries()) {
    if (index % 2) nodes.push(h("pre", { class: "code" }, unescape(part.replace(/^\n/, ""))));
    else nodes.push(...lines(part));
  }
  return nodes;
}

function lines(text) {
  const nodes = [];
  let quote = [];
  const flush = () => {
    if (quote.length) nodes.push(h("blockquote", {}, joined(quote)));
    quote = [];
  };
  const rows = text.split("\n");
  rows.forEach((row, index) => {
    const quoted = row.match(/^&gt; ?(.*)$/);
    if (quoted) return quote.push(inline(quoted[1]));
    flush();
    nodes.push(...inline(row));
    if (index < rows.length - 1) nodes.push(h("br"));
  });
  flush();
  return nodes;
}

const joined = (rows) => rows.flatMap((row, index) => (index ? [h("br"), ...row] : row));

function inline(text) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) nodes.push(unescape(text.slice(at, match.index)));
    nodes.push(marked(match.groups, match[0]));
    at = match.index + match[0].length;
  }
  if (at < text.length) nodes.push(unescape(text.slice(at)));
  return nodes;
}

function marked(groups, whole) {
  if (groups.code) return h("code", {}, unescape(groups.code));
  if (groups.bold) return h("b", {}, inline(groups.bold));
  if (groups.italic) return h("i", {}, inline(groups.italic));
  if (groups.strike) return h("s", {}, inline(groups.strike));
  if (groups.emoji) return withEmoji(whole);
  return angle(groups.angle);
}

function angle(content) {
  const [target, label] = content.split("|", 2);
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${label || channelName(target.slice(1))}`);
  if (target.startsWith("!")) return h("span", { class: "mention loud" }, unescape(label || `@${target.slice(1)}`));
  return link(unescape(target), unescape(label || target));
}

export const mention = (id) => h("span", { class: "mention" }, `@${userName(id)}`);

// A person's own message as they would type it again.
export const asTyped = (source) => unescape(source.replace(/<@([A-Z0-9]+)>/g, (whole, id) => `@${userName(id)}`).replace(/<(https?:[^>|]+)>/g, "$1"));

export function text(object) {
  if (!object) return [];
  if (typeof object === "string") return [object];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return broken(object.emoji === false ? object.text : withEmoji(object.text));
}

const broken = (plain) => joined(plain.split("\n").map((row) => [row]));

// Markdown: headings, lists, quotes, fences, and inline marks; anything else is shown as written.
export function markdown(source) {
  const nodes = [];
  for (const [index, part] of source.split(/```[a-z]*\n?/).entries()) {
    if (index % 2) nodes.push(h("pre", { class: "code" }, part));
    else for (const chunk of part.split(/\n{2,}/)) if (chunk.trim()) nodes.push(chunkOf(chunk.trim()));
  }
  return nodes;
}

function chunkOf(chunk) {
  const heading = chunk.match(/^#{1,6} ([^\n]+)(\n[^]*)?$/);
  if (heading) return h("div", {}, h("h4", {}, md(heading[1])), heading[2]?.trim() ? chunkOf(heading[2].trim()) : []);
  const rows = chunk.split("\n");
  if (rows.every((row) => /^\s*([-*]|\d+\.) /.test(row))) {
    return h(/^\s*\d/.test(chunk) ? "ol" : "ul", {}, rows.map((row) => h("li", {}, md(row.replace(/^\s*([-*]|\d+\.) /, "")))));
  }
  if (rows.every((row) => row.startsWith(">"))) return h("blockquote", {}, joined(rows.map((row) => md(row.replace(/^> ?/, "")))));
  return h("p", {}, joined(rows.map(md)));
}

const MD = /`(?<code>[^`\n]+)`|\*\*(?<bold>[^*\n]+)\*\*|\*(?<italic>[^*\n]+)\*|~~(?<strike>[^~\n]+)~~|\[(?<label>[^\]\n]+)\]\((?<url>[^)\s]+)\)/g;

function md(row) {
  const nodes = [];
  let at = 0;
  for (const match of row.matchAll(MD)) {
    nodes.push(row.slice(at, match.index));
    const g = match.groups;
    if (g.code) nodes.push(h("code", {}, g.code));
    else if (g.bold) nodes.push(h("b", {}, md(g.bold)));
    else if (g.italic) nodes.push(h("i", {}, md(g.italic)));
    else if (g.strike) nodes.push(h("s", {}, md(g.strike)));
    else nodes.push(link(g.url, g.label));
    at = match.index + match[0].length;
  }
  nodes.push(row.slice(at));
  return nodes;
}

// rich_text: sections, lists, quotes and preformatted text, each of styled runs.
export function richText(elements) {
  return elements.map((element) => {
    switch (element.type) {
      case "rich_text_list": return list(element);
      case "rich_text_quote": return h("blockquote", {}, runs(element.elements));
      case "rich_text_preformatted": return h("pre", { class: "code" }, runs(element.elements));
      default: return h("div", { class: "rich" }, runs(element.elements));
    }
  });
}

function list(element) {
  const tag = element.style === "ordered" ? "ol" : "ul";
  const node = h(tag, { class: `indent-${Math.min(element.indent ?? 0, 4)}` }, element.elements.map((item) => h("li", {}, runs(item.elements))));
  if (tag === "ol" && element.offset) node.start = element.offset + 1;
  return node;
}

const runs = (elements) => (elements ?? []).map((run) => styled(run, runNode(run)));

function runNode(run) {
  switch (run.type) {
    case "text": return broken(run.text);
    case "link": return [link(run.url, run.text || run.url)];
    case "user": return [mention(run.user_id)];
    case "channel": return [h("span", { class: "mention" }, `#${channelName(run.channel_id)}`)];
    case "usergroup": return [h("span", { class: "mention" }, `@${run.usergroup_id}`)];
    case "broadcast": return [h("span", { class: "mention loud" }, `@${run.range}`)];
    case "emoji": return [run.unicode ? fromCodes(run.unicode) : emoji(run.name)];
    case "date": return [run.fallback || new Date(run.timestamp * 1000).toLocaleString()];
    case "color": return [run.value];
    default: return [run.text ?? ""];
  }
}

const fromCodes = (codes) => String.fromCodePoint(...codes.split("-").map((code) => parseInt(code, 16)));

function styled(run, nodes) {
  const tags = { code: "code", bold: "b", italic: "i", strike: "s", underline: "u" };
  return Object.entries(tags).reduce((inner, [style, tag]) => (run.style?.[style] ? [h(tag, {}, inner)] : inner), nodes);
}
