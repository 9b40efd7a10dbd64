namespace Fn.Tests.EndToEnd;

/// <summary>What tests that do harm ask of a platform.</summary>
internal static class FaultsExtensions
{
    /// <summary>The number of the runner that the gateway gives a function's calls to.</summary>
    public static async Task<int> FavouriteAsync(this Platform platform, string function)
    {
        var id = (await platform.CallAsync(function, "echo")).Runner;
        for (var runner = 0; runner < platform.Runners.Count; runner++)
        {
            if ((await platform.StatusAsync(runner)).RunnerId == id)
                return runner;
        }
        throw new InvalidOperationException($"No runner is called {id}.");
    }
}
