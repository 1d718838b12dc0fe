import { HANDLE_MAX } from '../core/limits';

/** A handle suggested from a name: lower-case ASCII letters, digits, `.`, `_`, `-`. */
export const handleFrom = (name: string): string =>
  name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
    .replace(/ß/g, 'ss').replace(/ø/g, 'o').replace(/æ/g, 'ae').replace(/ł/g, 'l').replace(/đ/g, 'd')
    .replace(/[^a-z0-9._-]+/g, '.').replace(/\.{2,}/g, '.').replace(/^[._-]+|[._-]+$/g, '').slice(0, HANDLE_MAX);
