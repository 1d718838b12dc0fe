// Keys that put marks around the selected words. The text stays what is typed: undo works as ever.

const WRAP: Record<string, string> = { b: '**', i: '_', e: '`', 'shift x': '~~' };
const LEAD: Record<string, (line: number) => string> = { 'shift 9': () => '> ', 'shift 8': () => '- ', 'shift 7': (n) => `${n + 1}. ` };

/** True when the key was for a mark. */
export function mark(e: KeyboardEvent, el: HTMLTextAreaElement, set: (text: string) => void): boolean {
  if (!(e.ctrlKey || e.metaKey) || e.altKey || e.isComposing) return false;
  // The digit, whatever the layout makes of it with Shift.
  const key = (e.shiftKey ? 'shift ' : '') + (/^Digit/.test(e.code) ? e.code.slice(5) : e.key.toLowerCase());
  const sign = WRAP[key];
  const lead = LEAD[key];
  if (sign === undefined && lead === undefined) return false;
  e.preventDefault();
  if (sign !== undefined) wrap(el, sign);
  else if (lead) prefix(el, lead);
  set(el.value);
  return true;
}

function wrap(el: HTMLTextAreaElement, sign: string): void {
  const [from, to] = [el.selectionStart, el.selectionEnd];
  const inside = el.value.slice(from, to);
  const has = el.value.slice(0, from).endsWith(sign) && el.value.slice(to).startsWith(sign);
  if (has) el.setRangeText(inside, from - sign.length, to + sign.length, 'preserve');
  else el.setRangeText(sign + inside + sign, from, to, 'preserve');
  const start = has ? from - sign.length : from + sign.length;
  el.setSelectionRange(start, start + inside.length);
}

function prefix(el: HTMLTextAreaElement, lead: (line: number) => string): void {
  const from = el.value.lastIndexOf('\n', el.selectionStart - 1) + 1;
  const lines = el.value.slice(from, el.selectionEnd).split('\n');
  const all = lines.every((line, i) => line.startsWith(lead(i)));
  el.setRangeText(lines.map((line, i) => (all ? line.slice(lead(i).length) : lead(i) + line)).join('\n'), from, el.selectionEnd, 'end');
}

/** A link pasted over words links them. True when it did. */
export function linkSelection(e: ClipboardEvent, el: HTMLTextAreaElement, set: (text: string) => void): boolean {
  const text = e.clipboardData?.getData('text/plain').trim() ?? '';
  const words = el.value.slice(el.selectionStart, el.selectionEnd);
  if (!/^https?:\/\/\S+$/.test(text) || !words.trim() || /[[\]\n]|^https?:/.test(words)) return false;
  el.setRangeText(`[${words}](${text})`, el.selectionStart, el.selectionEnd, 'end');
  set(el.value);
  return true;
}
