using Fn.ServiceDefaults.Configuration;

namespace Fn.Api.Examples;

internal static class ExamplesExtensions
{
    private const string ProcessRoots = "Fn:Runner:ProcessRoots";

    /// <summary>
    /// In Development, has the functions under <c>examples/</c> created when the gateway starts, and lets its own runner run them if no directories for
    /// process images are configured. Call it once all sources of the configuration are added.
    /// </summary>
    public static WebApplicationBuilder AddExamples(this WebApplicationBuilder builder)
    {
        builder.Services.AddFnOptions<ExampleOptions>(ExampleOptions.Section);
        if (!builder.Environment.IsDevelopment() || !builder.Configuration.ReadFnOptions<ExampleOptions>(ExampleOptions.Section).Deploy)
            return builder;
        if (ExampleFolders.Find(builder.Environment.ContentRootPath, AppContext.BaseDirectory) is not { } folders)
            return builder;
        builder.Services.AddSingleton(folders).AddSingleton<IExampleTarget, StoreExampleTarget>().AddHostedService<ExampleDeployer>();
        if (!builder.Configuration.GetSection(ProcessRoots).Exists())
        {
            builder.Configuration[$"{ProcessRoots}:0"] = folders.Root;
            builder.Configuration[$"{ProcessRoots}:1"] = folders.Binaries;
        }
        return builder;
    }
}
