// The values in the agent's signatures: who imports KeepAliveAgent need not know where they come from.

@_exported public import AgentCore
@_exported public import HTTPTypes
@_exported public import NIOCore
@_exported public import PoolModel

@_exported public import struct NIOSSL.TLSConfiguration
