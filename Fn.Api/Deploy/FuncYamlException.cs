using System.Globalization;

namespace Fn.Api.Deploy;

/// <summary>Leaves the reading of a func.yaml at the first thing wrong with it. Never leaves <see cref="FuncYaml"/>.</summary>
#pragma warning disable CA1032, CA1064 // One use, in one folder.
internal sealed class FuncYamlException(long line, string problem) : Exception(string.Create(CultureInfo.InvariantCulture, $"line {line}: {problem}"));
#pragma warning restore CA1032, CA1064
