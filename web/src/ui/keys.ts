/** Enter that is meant as Enter: not with Shift, and not the one that confirms a word in an input method. */
export const isEnter = (e: KeyboardEvent): boolean => e.key === 'Enter' && !e.shiftKey && !e.isComposing && e.keyCode !== 229;

/** Makes a text field as high as its text; the style sheet sets the most. */
export function grow(el: HTMLTextAreaElement): void {
  el.style.height = 'auto';
  el.style.height = el.scrollHeight + 'px';
}
