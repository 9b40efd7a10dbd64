namespace Fn.Bench;

/// <summary>What was to be measured did not work; the message says all.</summary>
internal sealed class BenchException(string message) : Exception(message);
