using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Json;
using Fn.Api.Store;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Examples;

/// <summary>Creates the examples in the store.</summary>
internal sealed class StoreExampleTarget(IAppStore apps, IFunctionStore functions, TimeProvider time) : IExampleTarget
{
    public async Task<string> UpsertAsync(string appName, ExampleFunction function, CancellationToken cancel)
    {
        var app = await FindOrAddAppAsync(appName, cancel);
        var input = new FunctionInput
        {
            AppId = app.Id,
            Name = function.Name,
            Image = function.Image,
            Format = function.Format,
            Memory = (ulong)function.MemoryMiB,
            Timeout = function.TimeoutSeconds,
            IdleTimeout = function.IdleTimeoutSeconds,
            Config = new Dictionary<string, string>(function.Config),
        };
        if (FunctionRules.CheckNew(input) is { } problem)
            throw new InvalidDataException(problem.Message);
        while (true)
        {
            var page = await functions.ListFunctionsAsync(app.Id, function.Name, ListPage.One, cancel);
            if (page is [{ } current, ..])
            {
                var merged = FunctionRules.Merge(current, input, Timestamp.Now(time));
                if (ReferenceEquals(merged, current) || await functions.ReplaceFunctionAsync(merged, cancel) == WriteOutcome.Done)
                    return current.Id;
                continue;
            }
            var made = FunctionRules.New(input, FnId.New(time), app.Shape, Timestamp.Now(time));
            if (await functions.AddFunctionAsync(made, cancel) == WriteOutcome.Done)
                return made.Id;
        }
    }

    private async Task<App> FindOrAddAppAsync(string name, CancellationToken cancel)
    {
        while (true)
        {
            if (await apps.ListAppsAsync(name, ListPage.One, cancel) is [{ } app, ..])
                return app;
            var made = AppRules.New(new AppInput { Name = name }, FnId.New(time), Timestamp.Now(time));
            if (await apps.AddAppAsync(made, cancel) == WriteOutcome.Done)
                return made;
        }
    }
}
