import { useSignal } from '@preact/signals';
import type { ServerSetting } from '../../protocol';
import { api, sentence } from '../../core/api';
import { me } from '../../core/store';
import { Switch } from '../Choice';
import { showToast } from '../state';
import { useLoaded } from './useLoaded';

/** Settings by their own description. Each is kept by itself; what was given at the start cannot be changed here. */
export function ServerSettings() {
  const list = useLoaded(api.serverSettings);
  const owner = me.value?.role === 'owner';
  return (
    <>
      {!owner && <p class="lead">Only the owner changes these.</p>}
      {list.wrong.value && <p class="errbox" role="alert">{list.wrong.value}</p>}
      <div class="form narrow">{list.value.value?.map((it) => <One key={it.name} of={it} may={owner && !it.fixed} saved={(next) => { list.value.value = next; }} />)}</div>
      {owner && <p><a class="btn o" href="/api/v1/admin/export" download>Take everything out as an archive</a></p>}
    </>
  );
}

const title = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

function One({ of: it, may, saved }: { of: ServerSetting; may: boolean; saved(all: ServerSetting[]): void }) {
  const wrong = useSignal('');
  const id = 'set-' + it.name;
  const put = async (value: string) => {
    if (value === it.value) return;
    try {
      saved(await api.putServerSettings({ [it.name]: value }));
      wrong.value = '';
      showToast({ text: 'Saved.', action: { text: 'Undo', run: () => void api.putServerSettings({ [it.name]: it.value }).then(saved, () => {}) } });
    } catch (e) {
      wrong.value = sentence(e);
    }
  };
  const help = <>{it.help}{it.fixed && ' Given when the server was started.'}</>;
  if (it.kind === 'switch') {
    return may ? <Switch text={title(it.name)} hint={it.help} on={it.value === 'on' || it.value === 'true'} set={(on) => void put(it.value === 'true' || it.value === 'false' ? String(on) : on ? 'on' : 'off')} />
      : <div class="fld"><b class="lbl">{title(it.name)}: {it.value}</b><small>{help}</small></div>;
  }
  return (
    <div class="fld">
      <label for={id}>{title(it.name)}{it.unit && `, ${it.unit}`}</label>
      {it.kind === 'choice'
        ? <select id={id} class="sel" disabled={!may} value={it.value} aria-describedby={id + '-d'} onChange={(e) => void put(e.currentTarget.value)}>{it.choices?.map((c) => <option key={c} value={c}>{title(c)}</option>)}</select>
        : <div class={wrong.value ? 'inp bad' : 'inp'}><input id={id} readOnly={!may} defaultValue={it.value} key={it.value} inputMode={it.kind === 'number' ? 'numeric' : 'text'} maxLength={it.max_chars} aria-describedby={id + '-d'} aria-invalid={wrong.value ? true : undefined} onChange={(e) => void put(e.currentTarget.value.trim())} /></div>}
      {wrong.value ? <span class="err" id={id + '-d'} role="alert">{wrong.value}</span> : <small id={id + '-d'}>{help}</small>}
    </div>
  );
}
