namespace Fn.ServiceDefaults.Contracts;

/// <summary>One header line.</summary>
public readonly record struct Header(string Name, string Value);
