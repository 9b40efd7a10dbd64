using Fn.Api.Examples;

namespace Fn.Tests.Fakes;

/// <summary>Keeps what was created.</summary>
internal sealed class FakeExampleTarget : IExampleTarget
{
    public List<ExampleFunction> Functions { get; } = [];

    public Task<string> UpsertAsync(string appName, ExampleFunction function, CancellationToken cancel)
    {
        Functions.Add(function);
        return Task.FromResult("id-of-" + function.Name);
    }
}
