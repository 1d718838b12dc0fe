// Strings that were made to become code somewhere, and what must never come of them. The server's tests type the same
// strings into everything: one list for both.

import corpus from './hostile.json' with { type: 'json' };

export const GROUPS: Record<string, string[]> = corpus;
export const HOSTILE: string[] = Object.values(GROUPS).flat();

/**
 * What is on this page and must not be. In what people wrote: every element and attribute that messages are not drawn with.
 * Around it: whatever runs, frames or loads something. Everywhere: addresses that lead or load from where they should not.
 * It runs in the page as well, so it needs nothing from outside itself.
 */
export function wrongs(root: Element): string[] {
  const written = '.b, .prev, .files, .poll, .quote, .fwd, .topic, .rx';
  const drawn = new Set(['a', 'b', 'blockquote', 'button', 'code', 'del', 'div', 'em', 'i', 'img', 'li', 'mark', 'ol', 'p', 'path', 'pre', 'progress', 'small', 'span', 'strong', 'svg', 'table', 'tbody', 'td', 'th', 'thead', 'time', 'tr', 'ul']);
  const known = new Set(['alt', 'class', 'd', 'datetime', 'decoding', 'dir', 'download', 'height', 'href', 'loading', 'max', 'referrerpolicy', 'rel', 'role', 'scope', 'src', 'start', 'style', 'tabindex', 'target', 'title', 'type', 'value', 'viewbox', 'width']);
  const never = new Set(['animate', 'annotation-xml', 'applet', 'audio', 'base', 'embed', 'foreignobject', 'frame', 'frameset', 'iframe', 'image', 'link', 'listing', 'marquee', 'math', 'meta', 'noscript', 'object', 'param', 'plaintext', 'portal', 'script', 'set', 'slot', 'source', 'style', 'template', 'title', 'use', 'video', 'xmp']);
  const found: string[] = [];
  for (const el of [root, ...root.querySelectorAll('*')]) {
    const tag = el.localName.toLowerCase();
    // The page's own.
    if (el.matches('body > script, body > noscript')) continue;
    const within = el.closest(written) !== null;
    if (within ? !drawn.has(tag) : never.has(tag)) found.push(`<${tag}>`);
    for (const { name, value } of el.attributes) {
      const attribute = name.toLowerCase();
      const runs = /^on|^(action|background|code|data|formaction|href-.*|is|manifest|poster|srcdoc|srcset|.*:.*)$/.test(attribute);
      if (runs || (within && !known.has(attribute) && !/^(aria|data)-[a-z]+$/.test(attribute))) found.push(`<${tag} ${name}>`);
      // Only a hue and where something floats; nothing that loads.
      if (attribute === 'style' && !/^[\w\s:;.%-]*$/.test(value)) found.push(`<${tag} style="${value}">`);
      if (attribute === 'href') {
        const to = new URL(value, 'http://here.invalid/');
        const own = to.host === 'here.invalid' && /^[/#](?![/\\])/.test(value);
        const elsewhere = ['http:', 'https:', 'mailto:'].includes(to.protocol) && el.getAttribute('target') === '_blank' && el.getAttribute('rel')?.includes('noopener') === true;
        if (!(own || elsewhere) || to.username) found.push(`<${tag} href="${value}">`);
      }
      if (attribute === 'src' && value) {
        const from = new URL(value, 'http://here.invalid/').href;
        if (!/^(http:\/\/here\.invalid\/api\/v1\/(emoji|files|users)\/.|blob:)/.test(from)) found.push(`<${tag} src="${value}">`);
      }
    }
  }
  return found;
}
