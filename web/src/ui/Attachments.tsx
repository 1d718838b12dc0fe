import type { Attachment, Forward } from '../protocol';
import { nameOf } from '../core/store';
import { Text } from '../text/Text';
import { fullTime, time } from './words';

/** Pictures are drawn within this. */
const WIDEST = 408;
const HIGHEST = 320;
const KIB = 1024;

const address = (file: string): string => `/api/v1/files/${encodeURIComponent(file)}`;

export function sizeOf(bytes: number): string {
  if (bytes < KIB) return `${bytes} B`;
  if (bytes < KIB * KIB) return `${Math.round(bytes / KIB)} KB`;
  return `${(bytes / KIB / KIB).toFixed(1)} MB`;
}

/** What travels with a message. A picture's place is kept before it has come. */
export function Attachments({ files }: { files: readonly Attachment[] }) {
  return (
    <div class="files">
      {files.map((it) => (it.width && it.height && it.media_type.startsWith('image/') ? <Picture key={it.file} of={it} width={it.width} height={it.height} /> : <File key={it.file} of={it} />))}
    </div>
  );
}

function Picture({ of, width, height }: { of: Attachment; width: number; height: number }) {
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return (
    <a class="pic" href={address(of.file)} target="_blank" rel="noopener" title={`${of.name}, ${sizeOf(of.size)}`}>
      <img src={of.thumbnail ? `${address(of.file)}/thumbnail` : address(of.file)} alt={of.alt || of.name} width={Math.round(width * scale)} height={Math.round(height * scale)} loading="lazy" decoding="async" />
    </a>
  );
}

function File({ of }: { of: Attachment }) {
  const kind = of.name.includes('.') ? of.name.slice(of.name.lastIndexOf('.') + 1).slice(0, 4).toUpperCase() : 'FILE';
  return (
    <a class="file" href={address(of.file)} target="_blank" rel="noopener" download={of.name}>
      <span class="fx" aria-hidden="true">{kind}</span>
      <span><b>{of.name}</b><small>{sizeOf(of.size)}</small></span>
    </a>
  );
}

/** A message passed on: who said it, when, and what. */
export function Forwarded({ of }: { of: Forward }) {
  return (
    <blockquote class="fwd">
      <div class="who"><b>{nameOf(of.author)}</b><time dateTime={new Date(of.at).toISOString()} title={fullTime(of.at)}>{time(of.at)}</time></div>
      {of.text !== '' && <div class="b" dir="auto"><Text source={of.text} refs={of.refs} /></div>}
      {of.attachments && <Attachments files={of.attachments} />}
    </blockquote>
  );
}
