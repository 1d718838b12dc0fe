import { cleanup, render } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { members, me, rooms, users } from '../../src/core/store';
import type { Attachment, Message, Reference, RoomState, User } from '../../src/protocol';
import { safeHref, Text } from '../../src/text/Text';
import { Attachments, Forwarded } from '../../src/ui/Attachments';
import { Avatar } from '../../src/ui/Avatar';
import { LinkPreview } from '../../src/ui/LinkPreview';
import { OtherRow } from '../../src/ui/OtherRow';
import { Poll } from '../../src/ui/Poll';
import { Quote } from '../../src/ui/Quote';
import { Reactions } from '../../src/ui/Reactions';
import { GROUPS, HOSTILE, wrongs } from '../hostile';

// The server checks what people type; here it is drawn as if it had checked nothing.
const DEN = '5';
const bob: User = { id: '2', handle: 'bob', name: 'Bob Baker', initials: '', about: '', role: 'member', deactivated: false, created_at: 0 };
const den: RoomState = { id: DEN, name: 'den', topic: '', kind: 'closed', archived: false, created_at: 0, created_by: '2', head: 1, active_at: 0, member_count: 1, role: 'owner', read: 1, unread: 0 };
const said = (text: string, over: object = {}): Message => ({ room: DEN, seq: 1, id: '1', at: 0, author: '2', kind: 'posted', text, ...over }) as Message;

// Each draws some hundred things; a busy machine is no failure.
vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.reject(new Error('nobody is asked')));
  me.value = bob;
  rooms.value = new Map([[DEN, den]]);
  users.value = new Map([['2', bob]]);
});
afterEach(() => {
  cleanup();
  members.value = new Map();
});

const drawn = (what: preact.ComponentChild): Element => {
  cleanup();
  return render(<div class="b">{what}</div>).container;
};

it('has something to draw', () => {
  expect(HOSTILE.length).toBeGreaterThan(250);
  expect(new Set(HOSTILE).size).toBe(HOSTILE.length);
});

/** A look that finds nothing would find nothing in these either. */
describe('what would be wrong is seen', () => {
  it.each(['markup', 'handlers', 'svg and math', 'mutation'])('in %s', (group) => {
    const seen = GROUPS[group]!.filter((text) => {
      const at = document.createElement('div');
      at.className = 'b';
      at.innerHTML = text;
      return wrongs(at).length > 0;
    });
    expect(seen.length).toBeGreaterThan(GROUPS[group]!.length / 2);
  });

  it('in links', () => {
    for (const text of ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '//evil.example/x', 'https://bank.example@evil.example/', 'file:///etc', 'https://example.org/']) {
      const at = document.createElement('a');
      at.setAttribute('href', text);
      expect(wrongs(at), text).not.toEqual([]);
    }
  });
});

describe.each(Object.entries(GROUPS))('%s', (_, texts) => {
  it('makes nothing but text of a message, whatever is in it', () => {
    for (const text of texts) {
      for (const source of [text, `**${text}**`, `> ${text}`, `- ${text}`, `\`${text}\``, `[${text}](https://example.org)`, `[x](${text})`, `https://example.org/${text}`, `| ${text} |\n| - |\n| ${text} |`, `\`\`\`${text}\n${text}`]) {
        expect(wrongs(drawn(<Text source={source} />)), source).toEqual([]);
      }
    }
  });

  it('makes nothing but text of what the server says that words mean', () => {
    for (const text of texts) {
      const word = '@bob';
      for (const is of ['user', 'group', 'room', 'emoji', 'language', 'here', 'script', text]) {
        const ref = { text: word, is, id: text, name: text } as unknown as Reference;
        expect(wrongs(drawn(<Text source={`${word} hi`} refs={[ref]} />)), text).toEqual([]);
      }
      const language = [{ text: 'rs', is: 'language', name: text }] as Reference[];
      expect(wrongs(drawn(<Text source={'```rs\nx\n```'} refs={language} />)), text).toEqual([]);
    }
  });

  it('opens nothing but pages and letters', () => {
    for (const text of texts) {
      const href = safeHref(text);
      if (href !== undefined) expect(href).toMatch(/^(https?:\/\/|mailto:)/);
    }
  });

  it('makes nothing but text of what travels with a message', () => {
    for (const text of texts) {
      const file: Attachment = { file: text, name: text, size: 1, media_type: text, alt: text };
      const picture: Attachment = { ...file, media_type: 'image/svg+xml', width: 1, height: 1, thumbnail: true };
      const preview = { link: text, url: text, title: text, description: text, site: text };
      const all = (
        <>
          <Attachments files={[file, picture]} />
          <Forwarded of={{ room: DEN, seq: 1, author: '2', at: 0, text, attachments: [file] }} />
          <LinkPreview of={preview} room={DEN} seq={1} removable />
          <LinkPreview of={{ ...preview, url: 'https://example.org/' }} room={DEN} seq={1} removable />
          <Poll poll={{ options: [text, text] }} votes={[]} room={DEN} seq={1} />
          <Reactions reactions={[{ emoji: text, count: 1, mine: false }]} room={DEN} seq={1} />
          <Quote of={said(text)} room={DEN} />
          <Quote of={said('', { attachments: [file] })} room={DEN} />
        </>
      );
      expect(wrongs(drawn(all)), text).toEqual([]);
    }
  });

  it('makes nothing but text of what people, rooms and topics are called', () => {
    for (const text of texts) {
      users.value = new Map([['2', { ...bob, name: text, initials: text, about: text, handle: text, avatar: text }]]);
      rooms.value = new Map([[DEN, { ...den, name: text, topic: text }]]);
      const line = (more: object) => ({ t: 'system', key: 'k', who: '2', last: 1, message: { room: DEN, seq: 1, id: '1', at: 0, author: '2', ...more } }) as unknown as Parameters<typeof OtherRow>[0]['row'];
      const rows = [line({ kind: 'renamed', name: text }), line({ kind: 'topic_changed', topic: text }), line({ kind: 'created', name: text, access: 'open' }), line({ kind: 'joined', user: '2' }), { t: 'intro', key: 'i' } as const];
      const all = <><Avatar user="2" size={32} />{rows.map((row) => <OtherRow row={row} room={DEN} edge={{ value: '' }} retry={() => {}} />)}</>;
      // Not within a message, so the frame's elements are fine.
      cleanup();
      expect(wrongs(render(<ul>{all}</ul>).container), text).toEqual([]);
    }
  });
});
