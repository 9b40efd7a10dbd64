using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>Runs a service from start to end.</summary>
public static class FnHost
{
    /// <summary>
    /// Builds the application, runs it until it is told to stop, and returns the process's exit code. What the operator has to mend is told on standard
    /// error, a line each, with exit code 1; anything unexpected is thrown. Told to stop, it finishes what it does; told again, it does not.
    /// </summary>
    /// <param name="build">Makes the application, by <see cref="BuildChecked"/>.</param>
    public static Task<int> RunAsync(Func<WebApplication> build)
    {
        SocketThreads.Configure();
        return RunAsync(build, Console.Error);
    }

    /// <summary>
    /// Builds the application and checks all its options. They are checked when it starts in any case; here, nothing that is mapped has asked for them yet,
    /// and so the first wrong section does not hide the others.
    /// </summary>
    public static WebApplication BuildChecked(this WebApplicationBuilder builder)
    {
        var app = builder.Build();
        try
        {
            app.Services.GetService<IStartupValidator>()?.Validate();
            return app;
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }
    }

    internal static async Task<int> RunAsync(Func<WebApplication> build, TextWriter errors)
    {
        try
        {
            await using var app = build();
            using var enough = new SecondSignal();
            if (await StartAsync(app))
                await WaitForShutdownAsync(app, enough.Token);
            if (app.Services.GetService<FatalCondition>()?.Message is not { } fatal)
                return 0;
            await errors.WriteLineAsync(fatal);
            return 1;
        }
        catch (Exception exception) when (StartErrors.Describe(exception) is { } lines)
        {
            foreach (var line in lines)
                await errors.WriteLineAsync(line);
            return 1;
        }
    }

    /// <summary>False when the process was told to stop before it had started.</summary>
    private static async Task<bool> StartAsync(WebApplication app)
    {
        var gate = app.Services.GetService<StartGate>();
        gate?.Begin();
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return false;
        }
        gate?.End();
        return true;
    }

    private static async Task WaitForShutdownAsync(WebApplication app, CancellationToken enough)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (app.Lifetime.ApplicationStopping.UnsafeRegister(static told => ((TaskCompletionSource)told!).TrySetResult(), told))
            await told.Task;
        await app.StopAsync(enough);
    }
}
