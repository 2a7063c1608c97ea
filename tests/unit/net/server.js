// The other side of the HTTP tests: a small server whose answers, and failures to answer, are chosen by path.
// node server.js [CERT KEY]; prints "port N"; ends when its input does.
'use strict';
const fs = require('fs');
const [cert, key] = process.argv.slice(2);
const seen = new Map();          // requests by path and query
let connections = 0;

function answer(request, response) {
  const url = new URL(request.url, 'http://self');
  const query = url.searchParams;
  const count = (seen.get(request.url) || 0) + 1;
  seen.set(request.url, count);
  const socket = request.socket;
  socket.served = (socket.served || 0) + 1;
  const body = [];
  request.on('data', (block) => body.push(block));
  request.on('end', () => {
    switch (url.pathname) {
      case '/echo':
        response.setHeader('X-Connection', String(socket.number));
        return response.end(`${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n\n${Buffer.concat(body)}`);
      case '/seen': return response.end(String(seen.get(query.get('of')) || 0));
      case '/connections': return response.end(String(connections));
      case '/silent': return undefined;
      case '/drop': return socket.destroy();
      case '/half':
        response.writeHead(200, { 'Content-Length': 100 });
        return response.write('0123456789', () => socket.destroy());
      case '/drop-reused': return socket.served > 1 ? socket.destroy() : response.end('fresh');
      case '/drop-first': return count <= Number(query.get('n')) ? socket.destroy() : response.end('at last');
      case '/big': return response.end(Buffer.alloc(Number(query.get('n')), 'x'));
      case '/status':
        response.statusCode = count <= Number(query.get('n') || 1e9) ? Number(query.get('is')) : 200;
        if (query.get('after')) response.setHeader('Retry-After', query.get('after'));
        return response.end('body of ' + response.statusCode);
      case '/redirect':
        response.writeHead(302, { Location: '/echo' });
        return response.end();
      default:
        response.statusCode = 404;
        return response.end();
    }
  });
}

const server = cert
  ? require('https').createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, answer)
  : require('http').createServer(answer);
server.keepAliveTimeout = 60_000;
server.on(cert ? 'secureConnection' : 'connection', (socket) => { socket.number = ++connections; });
server.on('connect', (request, socket) => {  // as a proxy for TLS
  seen.set('CONNECT', (seen.get('CONNECT') || 0) + 1);
  const [, host, port] = /^(.*):(\d+)$/.exec(request.url);
  const there = require('net').connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connected\r\n\r\n');
    there.pipe(socket).pipe(there);
  });
  there.on('error', () => socket.destroy());
  socket.on('error', () => there.destroy());
});
server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));
