/** In the data directory: where commands on this machine find the server, `{ url, pid }`. */
export const ADDRESS_FILE = 'server.json'
