// Views that most visits never show come when they are first asked for.

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => preact.JSX.Element | null {
  let View: ComponentType<P> | undefined;
  return function Later(props: P) {
    const [state, set] = useState<'waiting' | 'here' | 'failed'>(View ? 'here' : 'waiting');
    useEffect(() => {
      if (state !== 'waiting') return;
      load().then((found) => { View = found; set('here'); }, () => set('failed'));
    }, [state]);
    if (View) return <View {...props} />;
    // The server may have a newer client by now: another page then, whose parts are there.
    return state === 'failed' ? <p class="errbox" role="alert">Could not load this part. <button type="button" onClick={() => set('waiting')}>Try again</button> <button type="button" onClick={() => location.reload()}>Reload</button></p> : null;
  };
}
