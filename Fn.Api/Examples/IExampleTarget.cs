namespace Fn.Api.Examples;

/// <summary>Where the examples are created: the store, behind the one thing they need of it.</summary>
internal interface IExampleTarget
{
    /// <summary>Creates the app and the function where they are missing, and gives the function these values.</summary>
    /// <returns>The function's id.</returns>
    /// <exception cref="InvalidDataException">A value is not one that a function may have.</exception>
    Task<string> UpsertAsync(string appName, ExampleFunction function, CancellationToken cancel);
}

/// <summary>A function as its <c>func.yaml</c> describes it.</summary>
internal sealed record ExampleFunction
{
    public required string Name { get; init; }

    /// <summary><c>process:PATH</c>, a file of this machine.</summary>
    public required string Image { get; init; }

    /// <summary>Null: the platform's default.</summary>
    public string? Format { get; init; }

    /// <summary>Memory in MiB; 0: the platform's default.</summary>
    public int MemoryMiB { get; init; }

    /// <summary>Seconds; 0: the platform's default.</summary>
    public int TimeoutSeconds { get; init; }

    /// <summary>Seconds; 0: the platform's default.</summary>
    public int IdleTimeoutSeconds { get; init; }

    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();
}
