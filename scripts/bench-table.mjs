// The table at the end of `make bench`: name and JSON report a line, in; Markdown, out.
import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

const lines = readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean);
const reports = new Map(lines.map((line) => {
  const [name, json] = line.split('\t');
  return [name, JSON.parse(json)];
}));

const n = (value, digits = 0) =>
  value === undefined ? '–' : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const ratio = (ours, floor) => (ours && floor ? `${n(ours / floor, 2)} × floor` : '');

const fan = reports.get('raw_fan_out');
const commit = reports.get('raw_group_commit');
const rows = [];
const row = (what, value, unit, note = '') => rows.push(`| ${what} | ${value} | ${unit} | ${note} |`);
const ok = (report) => (Object.keys(report.verdict.broken).length ? `**BROKEN: ${JSON.stringify(report.verdict.broken)}**` : '');
const add = (name, write) => {
  const report = reports.get(name);
  if (!report) return;
  write(report, report.server ?? {});
  if (ok(report)) row(name, ok(report), '');
};

if (fan) {
  row('floor: one in flight', n(fan.one.cpu_us_per_delivery, 2), 'µs CPU a delivery', 'raw epoll, no storage');
  row('floor: 64 in flight, one write each', n(fan['64'].cpu_us_per_delivery, 2), 'µs CPU a delivery');
  row('floor: 64 in flight, one write for all', n(fan['64-together'].cpu_us_per_delivery, 3), 'µs CPU a delivery');
}
if (commit) {
  row('floor: group commit, 64 posters', n(commit.ops_per_second), 'posts/s', `fdatasync p50 ${n(commit.fdatasync_p50_ms, 2)} ms, p99 ${n(commit.fdatasync_p99_ms, 2)} ms`);
}
add('one-in-flight', (r, s) => {
  row('1,000 readers, one in flight', n(s.cpu_us_per_delivery, 2), 'µs CPU a delivery', ratio(s.cpu_us_per_delivery, fan?.one.cpu_us_per_delivery));
  row('', n(r.delivery_ms.p99, 1), 'ms delivered, p99', `p50 ${n(r.delivery_ms.p50, 1)} ms`);
});
add('64-in-flight', (r, s) => {
  row('1,000 readers, 64 in flight', n(s.cpu_us_per_delivery, 3), 'µs CPU a delivery', ratio(s.cpu_us_per_delivery, fan?.['64-together'].cpu_us_per_delivery));
  row('', n(r.deliveries_per_second), 'deliveries/s');
});
add('idle', (r, s) => {
  row(`${n(r.connections)} idle connections in 5 rooms`, n(s.kib_per_idle_connection, 1), 'KiB each');
  row('connect, hello, welcome', n(s.cpu_us_per_connection), 'µs CPU each');
  row('resident before them, accounts made', n(s.resident_kib_before / 1024, 1), 'MiB');
});
add('join-storm', (r) => {
  const storm = r.join_storm ?? {};
  row(`${n(r.connections)} join one room`, n(storm.joined_ms), 'ms until all had', `all told after ${n(storm.settled_ms)} ms, ${n(storm.presence_frames)} presence frames`);
});
add('resume-storm', (r) => {
  const storm = r.resume_storm ?? {};
  row(`${n(storm.clients)} come back, ${n(storm.missed_posts)} behind`, n(storm.caught_up_ms), 'ms until all had caught up', `connected after ${n(storm.back_ms)} ms`);
});
for (const [name, engine] of [['posts-sqlite', 'SQLite'], ['posts-postgres', 'PostgreSQL']]) {
  add(name, (r, s) => {
    const share = name === 'posts-sqlite' && commit ? `${n((100 * r.acked_per_second) / commit.ops_per_second)} % of the floor` : '';
    row(`durable posts, 64 posters, ${engine}`, n(r.acked_per_second), 'posts/s', share);
    row('', n(s.cpu_us_per_acked_post, 1), 'µs CPU a post', `answered p50 ${n(r.ack_ms.p50, 1)} ms, p99 ${n(r.ack_ms.p99, 1)} ms`);
  });
}

add('million', (r) => {
  row(`page of 50, anywhere in ${n(r.messages)} messages`, n(r.page_p99_ms, 2), 'ms, p99', `p50 ${n(r.page_p50_ms, 2)} ms, SQLite`);
  row('opening that database', n(r.open_ms), 'ms');
});
add('hundred-readers', (r) => {
  row('one post to 100 readers', n(r.delivery_ms.p99, 1), 'ms delivered, p99', `p50 ${n(r.delivery_ms.p50, 1)} ms, 50 posts/s`);
});

console.log(`\n${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}; server and load on the same machine.\n`);
console.log('| what | figure | unit | |\n|---|---:|---|---|');
console.log(rows.join('\n'));
