// A bot at the simple door: says again what follows "!echo ". No dependencies.
//
//   node examples/echo.mjs [ws://localhost:8080] [lobby] [echo]
//
// Node 22 or newer; with Node 20: node --experimental-websocket examples/echo.mjs
// The server must allow guests: CHATTER_GUESTS=on make run
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
  // A random pause, so that all bots of a restarted server do not come at once.
  socket.onclose = () => setTimeout(connect, 1000 + Math.random() * 4000);
}

connect();
