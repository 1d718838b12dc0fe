import { parse } from './parse';

/** A message's text, exactly as typed. */
export function Text({ source }: { source: string }) {
  return (
    <>
      {parse(source).map((n, i) =>
        typeof n === 'string' ? n : (
          <a key={i} href={n.href} target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer">
            {n.text}
          </a>
        ),
      )}
    </>
  );
}
