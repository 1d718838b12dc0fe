import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, type Item, Outbox, type OutboxPorts } from '../../src/core/outbox';

const DEN = '5';

function setUp(over: Partial<OutboxPorts> = {}) {
  const disk = new Map<string, Item>();
  const sent: Item[] = [];
  const answers: ((a: Answer) => void)[] = [];
  let ready = true;
  const ports: OutboxPorts = {
    send: (item) => {
      sent.push(item);
      return new Promise((resolve) => answers.push(resolve));
    },
    save: async (i) => void disk.set(i.key, i),
    remove: async (k) => void disk.delete(k),
    changed: () => {},
    ready: () => ready,
    ...over,
  };
  const box = new Outbox(ports);
  return {
    box, disk, sent,
    texts: () => sent.map((i) => (i.do === 'delete' ? 'delete' : i.text)),
    states: () => box.items.map((i) => i.state),
    async answer(a: Answer) {
      answers.shift()!(a);
      await settle();
    },
    online(v: boolean) {
      ready = v;
      if (v) box.flush();
    },
  };
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const post = (text: string) => ({ do: 'post', text }) as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the outbox', () => {
  it('writes to the device before it sends', async () => {
    const order: string[] = [];
    const { box } = setUp({
      save: async () => void order.push('saved'),
      send: async () => {
        order.push('sent');
        return { answer: 'ok', seq: 1 };
      },
    });
    await box.add(DEN, 'k1', post('one'));
    await settle();
    expect(order).toEqual(['saved', 'sent']);
  });

  it('has one in flight per room, in order, and rooms do not wait for each other', async () => {
    const o = setUp();
    await o.box.add(DEN, 'k1', post('one'));
    await o.box.add(DEN, 'k2', post('two'));
    await o.box.add('6', 'k3', post('elsewhere'));
    expect(o.texts()).toEqual(['one', 'elsewhere']);
    await o.answer({ answer: 'ok', seq: 7 });
    expect(o.texts()).toEqual(['one', 'elsewhere', 'two']);
  });

  it('keeps what was stored in sight until its event is here', async () => {
    const o = setUp();
    await o.box.add(DEN, 'k1', post('one'));
    await o.answer({ answer: 'ok', seq: 7 });
    expect([o.states(), o.disk.size]).toEqual([['sent'], 0]);
    o.box.seen(DEN, 6, new Set());
    expect(o.states()).toEqual(['sent']);
    o.box.seen(DEN, 7, new Set());
    expect(o.box.items).toEqual([]);
  });

  it('is content when the event comes before the answer', async () => {
    const o = setUp();
    await o.box.add(DEN, 'k1', post('one'));
    await o.box.add(DEN, 'k2', post('two'));
    o.box.seen(DEN, 7, new Set(['k1']));
    await o.answer({ answer: 'ok', seq: 7 });
    expect([o.texts(), o.box.items.map((i) => i.key)]).toEqual([['one', 'two'], ['k2']]);
  });

  it('sends again with the same key after a lost answer', async () => {
    const o = setUp();
    await o.box.add(DEN, 'k1', post('one'));
    o.online(false);
    await o.answer({ answer: 'lost' });
    expect(o.states()).toEqual(['queued']);
    o.online(true);
    expect(o.sent.map((i) => i.key)).toEqual(['k1', 'k1']);
  });

  it('keeps a refused one for its author and goes on with the next', async () => {
    const o = setUp();
    await o.box.add(DEN, 'k1', post('bad'));
    await o.box.add(DEN, 'k2', post('good'));
    await o.answer({ answer: 'refused', refusal: { code: 'archived', message: 'The room is archived.' } });
    expect(o.texts()).toEqual(['bad', 'good']);
    expect(o.disk.get('k1')).toMatchObject({ state: 'refused', refusal: { code: 'archived' } });
    await o.answer({ answer: 'ok', seq: 1 });
    o.box.retry('k1');
    expect(o.texts()).toEqual(['bad', 'good', 'bad']);
  });

  it('waits as long as it is told when too fast, and nothing overtakes', async () => {
    const o = setUp();
    await o.box.add(DEN, 'k1', post('one'));
    await o.box.add(DEN, 'k2', post('two'));
    await o.answer({ answer: 'refused', refusal: { code: 'too_fast', message: 'Slow down.', retry_after: 3 } });
    expect(o.box.items[0]).toMatchObject({ state: 'waiting', until: Date.now() + 3000 });
    await vi.advanceTimersByTimeAsync(2900);
    expect(o.texts()).toEqual(['one']);
    await vi.advanceTimersByTimeAsync(200);
    expect(o.texts()).toEqual(['one', 'one']);
  });

  it('goes on after a reload with what was on the device', async () => {
    const first = setUp();
    first.online(false);
    await first.box.add(DEN, 'k1', post('one'));
    await first.box.add(DEN, 'k2', post('two'));
    const second = setUp();
    second.box.load([...first.disk.values()].map((i): Item => ({ ...i, state: 'sending' })));
    await settle();
    expect(second.sent.map((i) => i.key)).toEqual(['k1']);
    await second.answer({ answer: 'ok', seq: 1 });
    expect(second.sent.map((i) => i.key)).toEqual(['k1', 'k2']);
  });

  it('lets a deletion be undone, without holding up what is written meanwhile', async () => {
    const o = setUp();
    await o.box.add(DEN, 'd1', { do: 'delete', seq: 3 }, Date.now() + 5000);
    await o.box.add(DEN, 'k1', post('one'));
    expect(o.texts()).toEqual(['one']);
    await o.answer({ answer: 'ok', seq: 9 });
    expect(o.box.discard('d1')).toBe(true);
    await vi.advanceTimersByTimeAsync(6000);
    expect(o.texts()).toEqual(['one']);
    await o.box.add(DEN, 'd2', { do: 'delete', seq: 4 }, Date.now() + 5000);
    await vi.advanceTimersByTimeAsync(5100);
    expect(o.texts()).toEqual(['one', 'delete']);
    expect(o.box.discard('d2')).toBe(false);
  });
});
