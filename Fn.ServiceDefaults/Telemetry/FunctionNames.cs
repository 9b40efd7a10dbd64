using System.Collections.Concurrent;
using Fn.ServiceDefaults.Contracts;

namespace Fn.ServiceDefaults.Telemetry;

/// <summary>
/// What functions are called in metrics: the first so many by their names, all later ones alike, so that the number of series is bounded however many
/// functions there are. A name costs a lookup, nothing more. Thread-safe.
/// </summary>
/// <param name="most">How many functions get their name.</param>
public sealed class FunctionNames(int most)
{
    public const string Other = "_other";

    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private int _count;

    public string Of(FunctionSpec function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return _names.TryGetValue(function.FunctionId, out var name) ? name : Add(function);
    }

    /// <summary>The name in full, for spans.</summary>
    public static string Full(FunctionSpec function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return $"{function.AppName}/{function.FunctionName}";
    }

    private string Add(FunctionSpec function)
    {
        // Counted without the dictionary's own locks once it is full, which is when it is asked the most.
        if (Volatile.Read(ref _count) >= most)
            return Other;
        lock (_lock)
        {
            if (_count >= most)
                return Other;
            if (_names.TryAdd(function.FunctionId, Full(function)))
                _count++;
            return _names[function.FunctionId];
        }
    }
}
