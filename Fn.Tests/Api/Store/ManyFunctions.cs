using System.Globalization;
using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Store;

namespace Fn.Tests.Api.Store;

/// <summary>Fills a store as nobody does by hand.</summary>
internal static class ManyFunctions
{
    /// <summary>Adds the app <c>many</c> with functions <c>f00000</c>, <c>f00001</c> …, whose ids are their numbers.</summary>
    public static async Task AddAsync(FnDbContext context, int count, DateTimeOffset now, CancellationToken cancel)
    {
        var app = AppRules.New(new AppInput { Name = "many" }, "app", now);
        context.Add(app);
        context.AddRange(Enumerable.Range(0, count).Select(number => number.ToString("D5", CultureInfo.InvariantCulture)).Select(number => FunctionRules.New(
            new FunctionInput { AppId = app.Id, Name = $"f{number}", Image = $"registry/image-of-{number}:1" }, number, "", now)));
        await context.SaveChangesAsync(cancel);
    }
}
