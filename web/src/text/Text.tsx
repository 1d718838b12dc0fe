import { type ComponentChildren, Fragment } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { me } from '../core/store';
import { copy } from '../ui/state';
import type { Reference } from '../protocol';
import type { Align, Block, Inline } from './nodes';
import type { Piece } from './colour';
import { parse } from './parse';

/** Emoji alone, up to so many, are drawn large. */
const LARGE = 3;
// biome-ignore lint/complexity/useRegexLiterals: the flag is newer than the language we compile to
const EMOJI = new RegExp('\\p{RGI_Emoji}', 'gv');

type Refs = ReadonlyMap<string, Reference>;

/** A message's text. Every part of it is a node; nothing of it is ever read as markup. */
export function Text({ source, refs = [], after }: { source: string; refs?: readonly Reference[] | undefined; after?: ComponentChildren }) {
  const known: Refs = new Map(refs.map((ref) => [ref.text, ref]));
  const blocks = parse(source, (word) => known.has(word));
  const [only] = blocks;
  if (blocks.length === 1 && only?.is === 'paragraph') {
    return <>{isEmojiOnly(only.nodes) ? <span class="large">{inlines(only.nodes, known)}</span> : inlines(only.nodes, known)}{after}</>;
  }
  return <>{drawn(blocks, known)}{after}</>;
}

function drawn(blocks: readonly Block[], refs: Refs): ComponentChildren {
  return blocks.map((block, i) => <BlockView key={i} block={block} refs={refs} />);
}

function BlockView({ block, refs }: { block: Block; refs: Refs }) {
  switch (block.is) {
    case 'paragraph':
      return <p dir="auto">{inlines(block.nodes, refs)}</p>;
    case 'code_block':
      return <Code language={languageOf(block.language, refs)} text={block.text} />;
    case 'quote':
      return <blockquote>{drawn(block.nodes, refs)}</blockquote>;
    case 'list': {
      const items = block.items.map((item, i) => <li key={i} dir="auto">{tight(item, refs)}</li>);
      return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
    case 'table':
      return <Table align={block.align} rows={block.rows} refs={refs} />;
  }
}

function languageOf(typed: string, refs: Refs): string {
  const known = refs.get(typed);
  return known?.is === 'language' ? known.name : typed;
}

/** An item's first paragraph stands beside its bullet. */
function tight([first, ...rest]: readonly Block[], refs: Refs): ComponentChildren {
  if (first?.is !== 'paragraph') return drawn(first ? [first, ...rest] : rest, refs);
  return <>{inlines(first.nodes, refs)}{drawn(rest, refs)}</>;
}

/** Readable at once; the colours come when they are loaded, and change no letter's place. */
function Code({ language, text }: { language: string; text: string }) {
  const [pieces, set] = useState<readonly Piece[] | undefined>(undefined);
  useEffect(() => {
    let over = false;
    if (language) import('./colour').then((m) => { if (!over) set(m.coloured(text, language)); }, () => {});
    return () => { over = true; };
  }, [text, language]);
  return (
    <div class="code" dir="ltr">
      <div class="bar"><span>{language}</span><button type="button" onClick={() => void copy(text, 'Code copied')}>Copy<span class="sr"> code</span></button></div>
      {/* It scrolls sideways, also by keyboard. */}
      <pre tabIndex={0} aria-label={language ? `${language} code` : 'Code'} role="region"><code>{pieces ? pieces.map((it, i) => (it.tone ? <i key={i} class={it.tone}>{it.text}</i> : it.text)) : text}</code></pre>
    </div>
  );
}

function Table({ align, rows: [head = [], ...rows], refs }: { align: readonly Align[]; rows: readonly Inline[][][]; refs: Refs }) {
  const side = (i: number) => (align[i] && align[i] !== 'none' ? align[i] : undefined);
  return (
    <div class="table" tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead><tr>{head.map((cell, i) => <th key={i} scope="col" class={side(i)}>{inlines(cell, refs)}</th>)}</tr></thead>
        <tbody>{rows.map((row, r) => <tr key={r}>{row.map((cell, i) => <td key={i} class={side(i)}>{inlines(cell, refs)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

function inlines(nodes: readonly Inline[], refs: Refs, linked = false): ComponentChildren {
  return nodes.map((node, i) => <Fragment key={i}>{inlineView(node, refs, linked)}</Fragment>);
}

function inlineView(node: Inline, refs: Refs, linked: boolean): ComponentChildren {
  if (typeof node === 'string') return node;
  switch (node.is) {
    case 'strong':
      return <strong>{inlines(node.nodes, refs, linked)}</strong>;
    case 'em':
      return <em>{inlines(node.nodes, refs, linked)}</em>;
    case 'del':
      return <del>{inlines(node.nodes, refs, linked)}</del>;
    case 'code':
      return <code dir="ltr">{node.text}</code>;
    case 'link': {
      const href = safeHref(node.to);
      const inside = inlines(node.nodes, refs, true);
      return href ? <a href={href} target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer">{inside}</a> : inside;
    }
    case 'ref':
      return <Ref text={node.text} to={refs.get(node.text)} linked={linked} />;
  }
}

function Ref({ text, to, linked }: { text: string; to: Reference | undefined; linked: boolean }) {
  switch (to?.is) {
    case 'user':
      return <span class={to.id === me.value?.id ? 'at you' : 'at'}>{text}</span>;
    case 'here':
    case 'everyone':
      return <span class="at you">{text}</span>;
    case 'group':
      return <span class="at">{text}</span>;
    case 'room':
      return linked ? text : <a class="at" href={`/r/${encodeURIComponent(to.id)}`}>{text}</a>;
    case 'emoji':
      return <img class="emoji" src={`/api/v1/emoji/${encodeURIComponent(to.id)}`} alt={text} title={text} loading="lazy" decoding="async" />;
    default:
      return text;
  }
}

/** The parser lets nothing else through; this is where it would do harm, so it is asked again. */
export function safeHref(text: string): string | undefined {
  try {
    const url = new URL(text);
    // A name before the host makes it look like another.
    return /^(https?|mailto):$/.test(url.protocol) && !url.username && !url.password ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function isEmojiOnly(nodes: readonly Inline[]): boolean {
  let count = 0;
  for (const node of nodes) {
    if (typeof node !== 'string') {
      if (node.is !== 'ref' || !node.text.startsWith(':')) return false;
      count++;
    } else {
      if (node.length > 64 || node.replace(EMOJI, '').trim()) return false;
      count += node.match(EMOJI)?.length ?? 0;
    }
  }
  return count > 0 && count <= LARGE;
}
