// From message source to nodes, never to markup. This first cut knows bare links only; marks come here later.

export type Inline = string | { t: 'a'; href: string; text: string };

const URL_AT = /https?:\/\/[^\s<>"'`]+/gi;

/** An address that may be opened, or undefined. */
export function safeHref(text: string): string | undefined {
  try {
    const url = new URL(text);
    return /^(https?|mailto):$/.test(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

const SENTENCE = '.,;:!?*_~';

/** Punctuation at the end of an address belongs to the sentence, a closing bracket to the one that opened it. */
function trimEnd(url: string): string {
  let open = 0;
  for (const c of url) open += c === '(' ? 1 : c === ')' ? -1 : 0;
  let end = url.length;
  for (; end > 0; end--) {
    const c = url[end - 1]!;
    if (c === ')' && open < 0) open++;
    else if (!SENTENCE.includes(c)) break;
  }
  return url.slice(0, end);
}

export function parse(source: string): Inline[] {
  const out: Inline[] = [];
  let end = 0;
  for (const match of source.matchAll(URL_AT)) {
    const before = source[match.index - 1];
    if (before !== undefined && /[\p{L}\p{N}_]/u.test(before)) continue;
    const text = trimEnd(match[0]);
    const href = safeHref(text);
    if (!href) continue;
    if (match.index > end) out.push(source.slice(end, match.index));
    out.push({ t: 'a', href, text });
    end = match.index + text.length;
  }
  if (end < source.length) out.push(source.slice(end));
  return out;
}
