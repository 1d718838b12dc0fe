// The tree of a message, as docs/markdown.md describes it. A string in it is text; a line break in that is one to keep.

export type Mark =
  | { is: 'strong' | 'em' | 'del'; nodes: Inline[] }
  | { is: 'code' | 'ref'; text: string }
  | { is: 'link'; to: string; nodes: Inline[] };
export type Inline = string | Mark;
export type Align = 'none' | 'left' | 'center' | 'right';
export type Block =
  | { is: 'paragraph'; nodes: Inline[] }
  | { is: 'code_block'; language: string; text: string }
  | { is: 'quote'; nodes: Block[] }
  | { is: 'list'; start?: number; items: Block[][] }
  | { is: 'table'; align: Align[]; rows: Inline[][][] };
