namespace Fn.AppHost;

/// <summary>The application cannot go on for a reason its user can mend. The message says what is wrong and what to do.</summary>
internal sealed class AppHostException(string message, Exception? inner = null) : Exception(message, inner);
