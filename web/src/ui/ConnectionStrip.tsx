import { useSignal, useSignalEffect } from '@preact/signals';
import { link, outbox } from '../core/store';
import { Icon } from './Icon';
import { signInAgain } from './enter';
import { client } from './state';
import { useNow } from './useNow';
import { count } from './words';

/** Nothing is said about losses shorter than this. */
const PATIENCE = 3_000;
const CONNECTED_FOR = 2_000;

export function ConnectionStrip() {
  const late = useSignal(false);
  const back = useSignal(false);
  useSignalEffect(() => {
    const { state } = link.value;
    if (state === 'refused') {
      late.value = true;
      return;
    }
    if (state === 'live') {
      if (!late.peek()) return;
      late.value = false;
      back.value = true;
      const timer = setTimeout(() => { back.value = false; }, CONNECTED_FOR);
      return () => clearTimeout(timer);
    }
    if (late.peek()) return;
    const timer = setTimeout(() => { late.value = true; back.value = false; }, PATIENCE);
    return () => clearTimeout(timer);
  });
  return <div role="status">{late.value ? <Strip /> : back.value && link.value.state === 'live' && <div class="net ok">Connected</div>}</div>;
}

function Strip() {
  const l = link.value;
  const now = useNow(l.state === 'waiting');
  const waiting = outbox.value.filter((i) => i.state !== 'refused' && i.state !== 'sent').length;
  const tryNow = <button type="button" onClick={() => client().tryNow()}>Try now</button>;
  const kept = waiting > 0 ? ` ${count(waiting, 'message', 'messages')} will be sent when you’re back.` : '';
  switch (l.state) {
    case 'offline':
      return <div class="net"><Icon name="offline" /><span>You’re offline.{kept}</span>{tryNow}</div>;
    case 'connecting':
      return <div class="net"><Icon name="offline" /><span>Connecting…</span></div>;
    case 'waiting':
      return <div class="net"><Icon name="offline" /><span>Can’t reach the server.{kept} Trying again in <span class="num" aria-hidden="true">{Math.max(1, Math.ceil((l.retryAt - now) / 1000))} s</span><span class="sr">a moment</span>.</span>{tryNow}</div>;
    case 'refused':
      return l.reason === 'signed_out'
        ? <div class="net"><Icon name="warn" /><span>You were signed out. What you wrote is kept here.</span><button type="button" onClick={signInAgain}>Sign in</button></div>
        : <div class="net"><Icon name="warn" /><span>This page is out of date. Drafts are safe.</span><button type="button" onClick={() => location.reload()}>Reload</button></div>;
    default:
      return null;
  }
}
