import { useSignalEffect } from '@preact/signals';
import { followLink, route } from '../core/route';
import { forMe, rooms, server, titleOf } from '../core/store';
import { begin, stage } from './enter';
import { Boundary } from './Boundary';
import { Gate } from './Gate';
import { lazy } from './lazy';
import { Login } from './Login';
import { Shell } from './Shell';
import { Toast } from './Toast';

const GuestDoor = lazy(() => import('./doors').then((m) => m.GuestDoor));
const Join = lazy(() => import('./doors').then((m) => m.Join));
const Reset = lazy(() => import('./doors').then((m) => m.Reset));
const Setup = lazy(() => import('./doors').then((m) => m.Setup));

export function App() {
  useSignalEffect(() => {
    const r = route.value;
    const room = r.at === 'room' ? rooms.value.get(r.room) : undefined;
    const team = server.value?.name || 'Chatter';
    const n = stage.value === 'inside' ? forMe.value : 0;
    document.title = `${n > 0 ? `(${n}) ` : ''}${room ? titleOf(room) + ' · ' : ''}${team}`;
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: links inside are the controls; this only keeps them in the page
    // biome-ignore lint/a11y/useKeyWithClickEvents: a link's Enter is a click
    <div onClick={followLink}>
      <Boundary fallback={<Broken />}><View /></Boundary>
      <Toast />
    </div>
  );
}

function View() {
  const r = route.value;
  switch (stage.value) {
    case 'starting':
      return null;
    case 'unreachable':
      return (
        <Gate name="Chatter" label="No connection">
          <h1>Can’t reach the server</h1>
          <p>It may be restarting, or this device may be offline. Nothing was lost.</p>
          <button type="button" class="btn p" onClick={() => { stage.value = 'starting'; void begin(); }}>Try now</button>
        </Gate>
      );
  }
  if (r.at === 'setup') return <Setup code={r.code} />;
  if (r.at === 'join') return <Join secret={r.secret} />;
  if (r.at === 'guest') return <GuestDoor link={r.link} />;
  if (r.at === 'reset') return <Reset />;
  if (stage.value === 'outside') return <Login />;
  return <Shell />;
}

function Broken() {
  return (
    <Gate name="Chatter" label="Something broke">
      <h1>This page stumbled</h1>
      <p>Something went wrong here. What you wrote is kept on this device.</p>
      <button type="button" class="btn p" onClick={() => location.reload()}>Reload</button>
    </Gate>
  );
}
