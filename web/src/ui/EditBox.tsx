import type { Signal } from '@preact/signals';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RoomId, Seq } from '../protocol';
import { bytes, TEXT_BYTES } from '../core/limits';
import { outbox } from '../core/store';
import { grow, isEnter } from './keys';
import { client } from './state';

/** A message's row while its author changes it: Enter saves, Escape leaves it as it was. */
export function EditBox({ room, seq, text: before, edits }: { room: RoomId; seq: Seq; text: string; edits: Signal<Seq | undefined> }) {
  const [text, set] = useState(before);
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const el = box.current!;
    grow(el);
    el.focus();
    el.setSelectionRange(el.value.length, el.value.length);
  }, []);
  const done = () => {
    edits.value = undefined;
    document.getElementById('composer')?.focus();
  };
  const empty = text.trim() === '';
  const over = bytes(text) > TEXT_BYTES;
  const save = () => {
    if (empty || over) return;
    if (text !== before) {
      // An earlier change that was refused or has not gone yet is overtaken by this one.
      for (const i of outbox.peek()) if (i.room === room && i.do === 'edit' && i.seq === seq) client().discard(i.key);
      client().edit(room, seq, text);
    }
    done();
  };
  return (
    <div class="edbox">
      <div class="box">
        <div class="row">
          <textarea ref={box} rows={1} value={text} aria-label="Edit message"
            onInput={(e) => { set(e.currentTarget.value); grow(e.currentTarget); }}
            onKeyDown={(e) => {
              if (e.key === 'Escape') { e.stopPropagation(); done(); }
              else if (isEnter(e)) { e.preventDefault(); save(); }
            }} />
        </div>
      </div>
      <div class="foot">
        {over ? <span class="over">Too long to save</span> : empty ? <span>Empty: delete it instead?</span> : null}
        <button type="button" onClick={done}>Cancel</button>
        <button type="button" onClick={save}>Save</button>
      </div>
    </div>
  );
}
