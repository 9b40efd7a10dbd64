namespace Fn.ServiceDefaults.Hosting;

/// <summary>The process cannot start for a reason its operator can mend. The message is one line: what is wrong and what to do.</summary>
public sealed class FnStartException(string message, Exception? inner = null) : Exception(message, inner);
