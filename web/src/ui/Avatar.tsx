import type { User, UserId } from '../protocol';
import { hueOf } from '../core/ids';
import { type Seen, users } from '../core/store';

const segmenter = new Intl.Segmenter();

/** Initials as chosen, or the first letters of the first and last word. */
export function initialsOf(name: string, chosen: string, count: 1 | 2): string {
  const letters = chosen || [name.trim().split(/\s+/).at(0), name.trim().split(/\s+/).slice(1).at(-1)].map((w) => first(w ?? '')).join('');
  return count === 1 ? first(letters) : letters.toLocaleUpperCase();
}

const first = (text: string): string => {
  for (const s of segmenter.segment(text)) return s.segment.toLocaleUpperCase();
  return '';
};

/** A face. The hue is set through the style object, which the content policy allows; an attribute would not be. */
export function Avatar({ user, size, here, of }: { user: UserId; size?: 16 | 22 | 32 | 64; here?: Seen | undefined; of?: User }) {
  const u = of ?? users.value.get(user);
  const small = size === 16 || size === 22;
  return (
    <span class={size ? `av z${size}` : 'av'} style={{ '--h': hueOf(user) }} aria-hidden="true">
      {u ? initialsOf(u.name, u.initials, small ? 1 : 2) : ''}
      {u?.avatar && <img src={`/api/v1/users/${encodeURIComponent(user)}/avatar?v=${encodeURIComponent(u.avatar)}`} alt="" loading="lazy" decoding="async" />}
      {here && <i class={here === 'here' ? 'on' : here === 'gone' ? 'on off' : `on ${here}`} />}
    </span>
  );
}
