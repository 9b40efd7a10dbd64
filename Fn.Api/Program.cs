using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Root;
using Fn.Api.Store;
using Fn.Api.Triggers;

namespace Fn.Api;

internal static class Program
{
    private static void Main(string[] args) => Build(args).Run();

    /// <param name="args">The command line: settings.</param>
    /// <param name="replace">Puts services in the place of those that are added where there is none, such as the clock.</param>
    internal static WebApplication Build(string[] args, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        replace?.Invoke(builder.Services);
        builder.Services.AddContractHttp().AddStore().AddApps().AddFunctions().AddTriggers();

        var app = builder.Build();
        app.UseContractHttp();
        app.MapRoot();
        app.MapApps();
        app.MapFunctions();
        app.MapTriggers();
        return app;
    }
}
