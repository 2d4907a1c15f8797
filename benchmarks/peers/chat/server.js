// Socket.IO server: `node server.js PORT [VALKEY_SOCKET]`. Without a socket its adapter is in memory.
const { createServer } = require("node:http");
const { Server } = require("socket.io");

async function main(port, valkey) {
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
  if (valkey) {
    const { createAdapter } = require("@socket.io/redis-adapter");
    const { createClient } = require("redis");
    const publisher = createClient({ socket: { path: valkey } });
    const subscriber = publisher.duplicate();
    await Promise.all([publisher.connect(), subscriber.connect()]);
    io.adapter(createAdapter(publisher, subscriber));
  }
  io.on("connection", (socket) => {
    socket.join("general");
    socket.on("send", (message) => io.to("general").emit("message", message));
  });
  http.listen(port, "127.0.0.1", () => console.log("ready"));
}

main(Number(process.argv[2]), process.argv[3]);
