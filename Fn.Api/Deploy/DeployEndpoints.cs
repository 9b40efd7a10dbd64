using System.Text;
using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Json;
using Fn.Api.Store;
using Fn.Api.Triggers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Deploy;

/// <summary>
/// <c>PUT /v2/apps/{appName}/fns/{fnName}</c>: makes a function, or updates the one there is, from a func.yaml or the JSON that <c>/v2/fns</c> takes; with
/// <c>?create_app=true</c> its app as well. 201 when the function is new, else 200. All of it is done, or nothing.
/// </summary>
internal sealed class DeployEndpoints(IAppStore apps, IFunctionStore functions, ITriggerStore triggers, IDeployStore store, PublicAddress address, TimeProvider time)
{
    /// <summary>Largest func.yaml in bytes.</summary>
    public const int MaxYaml = 1024 * 1024;

    private const int MostAttempts = 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public async Task<ApiAnswer> DeployAsync(HttpContext context)
    {
        var (deployment, problem) = await ReadAsync(context.Request);
        if (deployment is null)
            return problem!;
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var plan = await PlanAsync(context, deployment);
            if (plan.Problem is { } wrong)
                return wrong;
            switch (await store.DeployAsync(plan.Rows!, context.RequestAborted))
            {
                case WriteOutcome.Done:
                    return Answer(plan, context);
                case WriteOutcome.NotUnique when await TakenSourceAsync(plan, context.RequestAborted) is { } taken:
                    var index = deployment.Triggers.TakeWhile(wanted => wanted.Name != taken.Name).Count();
                    return deployment.Places.PlaceTrigger(TriggerErrors.SourceExists, index);
            }
            // Someone else made, changed or deleted a part of it meanwhile: it is planned anew on what there is now.
        }
        return ApiError.Internal;
    }

    private static async ValueTask<(Deployment? Deployment, ApiError? Problem)> ReadAsync(HttpRequest request)
    {
        if (request.ContentType?.Contains("yaml", StringComparison.OrdinalIgnoreCase) != true)
            return await JsonBody.ReadAsync<FunctionInput>(request) is { } input ? (new Deployment(input, [], [], FuncYamlPlaces.None), null) : (null, ApiError.InvalidJson);
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int count; (count = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0;)
        {
            if (bytes.Length + count > MaxYaml)
                return (null, DeployErrors.TooLarge);
            await bytes.WriteAsync(buffer.AsMemory(0, count));
        }
        try
        {
            var (deployment, problem) = FuncYaml.Read(StrictUtf8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
            return (deployment, problem is null ? null : DeployErrors.InvalidYaml(problem));
        }
        catch (DecoderFallbackException)
        {
            return (null, DeployErrors.NotUtf8);
        }
    }

    private async Task<Plan> PlanAsync(HttpContext context, Deployment deployment)
    {
        var (appName, name, cancel) = (context.RouteText("appName"), context.RouteText("fnName"), context.RequestAborted);
        var newApp = default(App);
        var app = FirstOf(await apps.ListAppsAsync(appName, ListPage.One, cancel));
        if (app is null)
        {
            if (context.QueryText("create_app") != "true")
                return new Plan(AppErrors.NotFound);
            app = newApp = AppRules.New(new AppInput { Name = appName }, FnId.New(time), Timestamp.Now(time));
            if (AppRules.Check(newApp) is { } badName)
                return new Plan(badName);
        }
        var current = newApp is null ? FirstOf(await functions.ListFunctionsAsync(app.Id, name, ListPage.One, cancel)) : null;
        if (Function(deployment.Function, app, current, name, out var function) is { } problem)
            return new Plan(deployment.Places.Place(problem, deployment.Function));
        if (deployment.RequiredConfig.FirstOrDefault(key => !app.Config.ContainsKey(key) && !function!.Config.ContainsKey(key)) is { } missing)
            return new Plan(deployment.Places.PlaceExpected(DeployErrors.MissingConfig(missing), missing));
        var (made, changed) = (new List<Trigger>(), new List<Trigger>());
        foreach (var (index, wanted) in deployment.Triggers.Index())
        {
            if (await AddTriggerAsync(wanted, function!, current is null, made, changed, cancel) is { } badTrigger)
                return new Plan(deployment.Places.PlaceTrigger(badTrigger, index));
        }
        return new Plan(new DeployedRows
        {
            NewApp = newApp,
            NewFunction = current is null ? function : null,
            ChangedFunction = current is null || ReferenceEquals(current, function) ? null : function,
            NewTriggers = made,
            ChangedTriggers = changed,
        })
        { Function = function };
    }

    private ApiError? Function(FunctionInput input, App app, Function? current, string name, out Function? function)
    {
        function = null;
        if (current is not null)
        {
            if (FunctionRules.CheckUpdate(current, input) is { } problem)
                return problem;
            function = FunctionRules.Merge(current, input, Timestamp.Now(time));
            return null;
        }
        // The path says which function it is, whatever the body says.
        (input.Id, input.AppId, input.Name) = (null, app.Id, name);
        if (FunctionRules.CheckNew(input) is { } misuse)
            return misuse;
        function = FunctionRules.New(input, FnId.New(time), app.Shape, Timestamp.Now(time));
        return null;
    }

    private async Task<ApiError?> AddTriggerAsync(DeployedTrigger wanted, Function function, bool isNew, List<Trigger> made, List<Trigger> changed, CancellationToken cancel)
    {
        var current = isNew ? null : FirstOf(await triggers.ListTriggersAsync(function.AppId, function.Id, wanted.Name, ListPage.One, cancel));
        var now = Timestamp.Now(time);
        var trigger = current is null
            ? TriggerRules.New(new TriggerInput(wanted.Name, function.AppId, function.Id, wanted.Type, wanted.Source), FnId.New(time), now)
            : TriggerRules.Merge(current, new TriggerInput(wanted.Name, function.AppId, function.Id, wanted.Type, wanted.Source), now);
        if (TriggerRules.Check(trigger) is { } problem)
            return problem;
        if (made.Concat(changed).Any(other => other.Name == trigger.Name))
            return TriggerErrors.Exists;
        if (made.Concat(changed).Any(other => other.Source == trigger.Source))
            return TriggerErrors.SourceExists;
        if (current is null)
            made.Add(trigger);
        else if (!ReferenceEquals(current, trigger))
            changed.Add(trigger);
        return null;
    }

    private async Task<Trigger?> TakenSourceAsync(Plan plan, CancellationToken cancel)
    {
        foreach (var trigger in plan.Rows!.NewTriggers.Concat(plan.Rows.ChangedTriggers))
        {
            var holder = await triggers.FindTriggerBySourceAsync(trigger.AppId, trigger.Type, trigger.Source, cancel);
            if (holder is not null && holder.Id != trigger.Id && (holder.Name != trigger.Name || holder.FunctionId != trigger.FunctionId))
                return trigger;
        }
        return null;
    }

    private static T? FirstOf<T>(IReadOnlyList<T> rows) where T : class => rows is [var first, ..] ? first : null;

    private ApiAnswer Answer(Plan plan, HttpContext context)
    {
        var json = new JsonTextWriter();
        FunctionJson.Write(json, plan.Function!, address.BaseFor(context.Request), read: false);
        return plan.Rows!.NewFunction is null ? json : ApiAnswer.Created(json);
    }

    /// <summary>What is to be written, or why nothing is.</summary>
    private sealed class Plan
    {
        public Plan(ApiError problem) => Problem = problem;

        public Plan(DeployedRows rows) => Rows = rows;

        public ApiError? Problem { get; }

        public DeployedRows? Rows { get; }

        public Function? Function { get; init; }
    }
}
