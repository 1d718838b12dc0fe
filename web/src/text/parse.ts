// From message source to a tree, never to markup: the subset of docs/markdown.md, whose vectors this and the server's reading
// both run. Whatever is not understood stays text. The cost grows with the length of the source and with nothing else: each kind
// of block reads its lines and hands what is inside to the same reading one level deeper, and there are few levels.

import { isSpace, trim } from './chars';
import { inline, joined } from './inline';
import type { Align, Block, Inline } from './nodes';

/** Lists and quotes inside each other, at most. */
const DEPTH = 6;

type Found = [Block, taken: number] | undefined;
type IsRef = (word: string) => boolean;

export function parse(source: string, isRef: IsRef = () => false): Block[] {
  return blocks(source.replace(/\r\n?/g, '\n').split('\n'), 0, isRef);
}

function blocks(lines: string[], depth: number, isRef: IsRef): Block[] {
  const out: Block[] = [];
  let plain: string[] = [];
  const flush = () => {
    const nodes = paragraph(plain, isRef);
    if (nodes.length) out.push({ is: 'paragraph', nodes });
    plain = [];
  };
  for (let at = 0; at < lines.length; ) {
    const found = code(lines, at) ?? table(lines, at, isRef) ?? (depth < DEPTH ? (quote(lines, at, depth, isRef) ?? list(lines, at, depth, isRef)) : undefined);
    if (found) {
      flush();
      out.push(found[0]);
      at += found[1];
    } else plain.push(lines[at++]!);
  }
  flush();
  return out;
}

const isBlank = (line: string) => { let i = 0; while (i < line.length && isSpace(line[i]!)) i++; return i === line.length; };

/** Lines that are nothing else. Blank ones between them are kept as breaks, and no mark reaches across them. */
function paragraph(lines: string[], isRef: IsRef): Inline[] {
  const nodes: Inline[] = [];
  let breaks = 1;
  for (let at = 0; at < lines.length; ) {
    const from = at;
    while (at < lines.length && !isBlank(lines[at]!)) at++;
    if (at === from) { breaks++; at++; continue; }
    if (nodes.length) nodes.push('\n'.repeat(breaks));
    nodes.push(...inline(lines.slice(from, at).join('\n'), isRef));
    breaks = 1;
  }
  return joined(nodes);
}

/** From three or more backticks to the next line with as many and nothing else, or to the end. A fence on the last line is text. */
function code(lines: string[], at: number): Found {
  const fence = /^( {0,3})(`{3,})(.*)$/s.exec(lines[at]!);
  const language = fence && trim(fence[3]!);
  if (!fence || !/^[A-Za-z0-9+#._-]{0,20}$/.test(language!)) return undefined;
  let end = at + 1;
  const closes = (line: string) => { const it = trim(line); return it.length >= fence[2]!.length && /^`+$/.test(it); };
  while (end < lines.length && !closes(lines[end]!)) end++;
  if (at + 1 === lines.length) return undefined;
  const body = lines.slice(at + 1, end).map((line) => line.slice(/^ */.exec(line.slice(0, fence[1]!.length))![0].length));
  return [{ is: 'code_block', language: language!, text: body.join('\n') }, Math.min(end + 1, lines.length) - at];
}

/** What a line of a quote says. `>_<` at the start of a line stays what it is; `>>` is two of them. */
function quoted(line: string): string | undefined {
  return /^>+(?: |$)/.test(line) ? line.slice(line[1] === ' ' ? 2 : 1) : undefined;
}

/** Lines that all begin with `>`, the first of which says something. */
function quote(lines: string[], at: number, depth: number, isRef: IsRef): Found {
  const inside: string[] = [];
  for (let line = quoted(lines[at]!); line !== undefined; line = at + inside.length < lines.length ? quoted(lines[at + inside.length]!) : undefined) {
    if (!inside.length && isBlank(line)) return undefined;
    inside.push(line);
  }
  return inside.length ? [{ is: 'quote', nodes: blocks(inside, depth + 1, isRef) }, inside.length] : undefined;
}

/** Columns of white space at the start; a tab counts as four. */
function indent(line: string): number {
  let columns = 0;
  for (let i = 0; line[i] === ' ' || line[i] === '\t'; i++) columns += line[i] === ' ' ? 1 : 4;
  return columns;
}

function outdented(line: string, columns: number): string {
  let i = 0;
  for (let gone = 0; gone < columns && (line[i] === ' ' || line[i] === '\t'); i++) gone += line[i] === ' ' ? 1 : 4;
  return line.slice(i);
}

/** `- ` or `* `, `1. ` or `1) `, and something after it that is not just more of the same: `* * *` is a line someone drew. */
function marker(line: string): { indent: number; width: number; number: number | undefined; text: string } | undefined {
  const found = /^[ \t]*((?:[-*]|(\d{1,9})[.)]) +)/.exec(line);
  const text = found && line.slice(found[0].length);
  if (!text || [...text].every((c) => c === '-' || c === '*' || isSpace(c))) return undefined;
  return { indent: indent(line), width: found[1]!.length, number: found[2] === undefined ? undefined : Number(found[2]), text };
}

/** Items of one kind, and what is indented below them. */
function list(lines: string[], from: number, depth: number, isRef: IsRef): Found {
  const first = marker(lines[from]!);
  if (!first) return undefined;
  const same = (line: string) => { const it = marker(line); return it && (it.number === undefined) === (first.number === undefined) ? it : undefined; };
  const items: Block[][] = [];
  let at = from;
  for (let item = same(lines[at]!); item; item = at < lines.length ? same(lines[at]!) : undefined) {
    const inside = [item.text];
    at++;
    while (at < lines.length) {
      let next = at;
      while (next < lines.length && isBlank(lines[next]!)) next++;
      if (next === lines.length) break;
      if (indent(lines[next]!) < first.indent + 2) {
        if (same(lines[next]!)) at = next;
        break;
      }
      for (; at < next; at++) inside.push(lines[at]!);
      inside.push(outdented(lines[at++]!, item.indent + item.width));
    }
    items.push(blocks(inside, depth + 1, isRef));
  }
  return [first.number === undefined ? { is: 'list', items } : { is: 'list', start: first.number, items }, at - from];
}

/** A row of cells, a row of dashes with as many, and the rows below. */
function table(lines: string[], at: number, isRef: IsRef): Found {
  const align = at + 1 < lines.length ? alignment(lines[at + 1]!) : undefined;
  if (!align || !lines[at]!.includes('|') || cells(lines[at]!).length !== align.length) return undefined;
  const rows = [lines[at]!];
  let end = at + 2;
  while (end < lines.length && lines[end]!.includes('|')) rows.push(lines[end++]!);
  return [{ is: 'table', align, rows: rows.map((row) => cells(row).map((cell) => inline(cell, isRef))) }, end - at];
}

function alignment(line: string): Align[] | undefined {
  if (!line.includes('|') || !/^[|:\- \t]*$/.test(line)) return undefined;
  const columns = cells(line);
  if (!columns.every((cell) => /^:?-+:?$/.test(cell))) return undefined;
  return columns.map((cell) => (cell.endsWith(':') ? (cell[0] === ':' ? 'center' : 'right') : cell[0] === ':' ? 'left' : 'none'));
}

/** What stands between the bars of a row. `\|` is a bar that is not one. */
function cells(row: string): string[] {
  const line = trim(row);
  const out: string[] = [];
  let cell = '';
  for (let i = line[0] === '|' ? 1 : 0; i < line.length; i++) {
    const c = line[i]!;
    if (c === '|') {
      out.push(trim(cell));
      cell = '';
    } else if (c === '\\' && i + 1 < line.length) cell += line[++i] === '|' ? '|' : c + line[i]!;
    else cell += c;
  }
  if (!isBlank(cell) || !out.length) out.push(trim(cell));
  return out;
}

/** How a message reads without its marks. Lines stay lines, cells are apart by a space. */
export function plainText(source: string): string {
  let out = '';
  const words = (nodes: Inline[]): string => nodes.map((it) => (typeof it === 'string' ? it : 'nodes' in it ? words(it.nodes) : it.text)).join('');
  const all = (list: Block[]) => {
    for (const block of list) {
      if (out && !out.endsWith('\n')) out += '\n';
      if (block.is === 'paragraph') out += words(block.nodes);
      else if (block.is === 'code_block') out += block.text;
      else if (block.is === 'quote') all(block.nodes);
      else if (block.is === 'list') block.items.forEach(all);
      else out += block.rows.map((row) => row.map(words).join(' ')).join('\n');
    }
  };
  all(parse(source));
  return out;
}
