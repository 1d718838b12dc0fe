// A bot at the simple door: says again what follows "!echo ". No dependencies.
//
//   node examples/echo.mjs [ws://localhost:8080] [lobby] [echo]
//
// Node 20 or newer. The server must allow guests: CHATTER_GUESTS=on make run
import { isMainThread, Worker } from 'node:worker_threads';

const [server = 'ws://localhost:8080', room = 'lobby', name = 'echo'] = process.argv.slice(2);
const address = `${server}/chat?${new URLSearchParams({ r: room, u: name })}`;

function connect() {
  const socket = new WebSocket(address);
  socket.onopen = () => console.log(`listening in ${room}`);
  socket.onmessage = ({ data }) => {
    const { sender, content } = JSON.parse(data);
    // Our own words come back too; SYSTEM says who comes and goes.
    if (sender === name || sender === 'SYSTEM') return;
    if (content.startsWith('!echo ')) socket.send(content.slice(6));
  };
  socket.onclose = () => {
    console.log('not connected; trying again');
    // A random pause, so that all bots of a restarted server do not come at once.
    setTimeout(connect, 1000 + Math.random() * 4000);
  };
}

if (globalThis.WebSocket || !isMainThread) connect();
// Node 20 has WebSocket too, but wants to be asked. A thread can ask; a user should not have to.
else new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), execArgv: ['--experimental-websocket'] });
