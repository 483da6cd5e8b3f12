/** A JSON-RPC 2.0 client for nodes. */

export { JsonRpcClient, type JsonRpcRequest, type JsonRpcStatistics } from './client.js'
export { type JsonRpcOptions, jsonRpcMembers, type RpcBackoff } from './options.js'
export type { RpcClient, RpcTransport } from './provider.js'
