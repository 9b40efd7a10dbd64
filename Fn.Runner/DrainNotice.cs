namespace Fn.Runner;

/// <summary>
/// Registered where others call the runner from outside: how long it answers at least once it drains. Thread A, a gateway that has not heard of it, offers a
/// call while thread B, the server, closes the connection: nobody could tell whether the call was seen. So the listener stays until gateways have heard.
/// </summary>
/// <param name="Least">Longer than an offer is under way, shorter than gateways leave alone a runner that said it drains.</param>
internal sealed record DrainNotice(TimeSpan Least);
