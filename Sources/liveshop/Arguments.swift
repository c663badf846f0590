// Types of the server that flags name by their raw values.

public import ArgumentParser
public import LiveShopServer
public import Logging

extension GuestPolicy: ExpressibleByArgument {}
extension ServerOptions.Payment: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
